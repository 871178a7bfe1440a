"""A unit keeps the name that a person gave it, wherever it is plugged in."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.errors import UsageError
from racklet_bench.bench import HANDS, RESET, Bench

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]


@pytest.mark.needs(RESET)
def test_a_name_outlives_a_reset(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    assert bmc.name() == ""
    bmc.set_name("web 1, left")
    bench.reset_bmc(1)
    bench.clock.sleep(2)
    assert bmc.name() == "web 1, left"
    bmc.set_name("")
    assert bmc.name() == ""


@pytest.mark.parametrize("text", ["seventeen letters", "caf\u00e9", "a\nb"])
def test_what_is_no_name_changes_nothing(insert: Insert, text: str) -> None:
    bmc = insert(1)
    bmc.set_name("db")
    with pytest.raises(UsageError, match="no name"):
        bmc.set_name(text)
    assert bmc.name() == "db"


def test_a_factory_reset_forgets_it(insert: Insert) -> None:
    bmc = insert(1)
    bmc.set_name("0123456789abcdef")
    assert bmc.name() == "0123456789abcdef"
    bmc.factory_reset()
    assert bmc.name() == ""
