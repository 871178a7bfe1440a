"""A setting that cannot be so is refused with the reason, and changes nothing."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import Refused
from racklet.settings import Settings
from racklet_bench.bench import HANDS, Bench
from racklet_wire import status
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]


def test_what_cannot_be_is_refused_and_changes_nothing(bench: Bench, insert: Insert) -> None:
    insert(1)
    target = Target(bench.bus, address_of(1), bench.clock)
    settings = Settings(target, bench.clock)
    for name, value, why in (
        ("restore_policy", 3, "between 0 and 2"),
        ("settle_ms", 19, "between 20 and 2000"),
        ("settle_ms", 1 << 40, "between 20 and 2000"),
        ("vout_uv_warn_limit_mv", settings.get("vout_uv_fault_limit_mv"), "contradicts another"),
        ("vin_ov_warn_limit_mv", settings.get("vin_ov_fault_limit_mv"), "contradicts another"),
    ):
        before = settings.get(name)
        with pytest.raises(Refused) as refusal:
            settings.set(name, value)
        assert why in str(refusal.value.hint)
        assert settings.get(name) == before
    with pytest.raises(Refused, match="no setting"):
        settings.set("no_such_thing", 1)

    # What the client would not send, the BMC does not take either.
    number = target.block("SETTING")["number"]
    for fields in ({"number": number, "value": -1}, {"number": 255, "value": 0}):
        target.write("STATUS_CML", status.CML_INVALID_DATA)
        target.write_fields("SETTING_WRITE", **fields)
        bench.clock.sleep(0.2)
        assert target.read("STATUS_CML") == status.CML_INVALID_DATA
        assert target.block("SETTING")["value"] == before
