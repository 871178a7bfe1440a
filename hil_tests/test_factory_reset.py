"""A factory reset forgets settings and nothing else."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.images import read_image, sign_image
from racklet.keys import SigningKey
from racklet.power import PowerCommand
from racklet_bench.bench import FAULTS, HANDS, RESET, SIGNING_KEY, Bench
from racklet_wire import events, image, power

pytestmark = pytest.mark.needs(HANDS)

Insert = Callable[..., Bmc]
LIMIT = "IOUT_OC_WARN_LIMIT"
DEFAULT_MA, CHANGED_MA = 5_000, 3_000
PAYLOAD = bytes(4096)


@pytest.fixture
def target(bench: Bench) -> Target:
    return Target(bench.bus, 0x11, bench.clock)


def stored_limit(bench: Bench, bmc: Bmc, target: Target) -> int:
    """The limit as it is in flash: read after a restart."""
    before = bmc.identify().generation
    bench.reset_bmc(1)
    for _ in range(300):
        bench.clock.sleep(0.01)
        if bmc.is_present() and bmc.identify().generation != before:
            return target.read(LIMIT)
    raise AssertionError("the BMC did not come back within 3 s")


@pytest.mark.needs(RESET)
def test_it_forgets_settings_and_keeps_rail_log_and_energy(
    bench: Bench, insert: Insert, target: Target
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    bench.clock.sleep(1)
    target.write(LIMIT, CHANGED_MA)
    target.send("STORE_USER_ALL")
    bench.clock.sleep(0.5)
    assert stored_limit(bench, bmc, target) == CHANGED_MA
    records, energy = list(bmc.log()), bmc.energy()
    bmc.factory_reset()
    assert target.read(LIMIT) == DEFAULT_MA
    assert bmc.power_state().state == power.ON
    assert list(bmc.log())[: len(records)] == records
    now = bmc.energy()
    assert (now.epoch, now.out_uj >= energy.out_uj) == (energy.epoch, True)
    assert stored_limit(bench, bmc, target) == DEFAULT_MA
    assert bmc.power_state().state == power.ON


@pytest.mark.needs(FAULTS)
@pytest.mark.parametrize(
    ("held_ms", "wanted_ma"),
    [pytest.param(4_500, CHANGED_MA, marks=pytest.mark.long("rp2040")), (5_600, DEFAULT_MA)],
)
def test_the_button_does_it_when_it_is_held(
    bench: Bench, insert: Insert, target: Target, held_ms: int, wanted_ma: int
) -> None:
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    target.write(LIMIT, CHANGED_MA)
    bench.control("press", slot=1, ms=held_ms)
    bench.clock.sleep(7)
    assert target.read(LIMIT) == wanted_ma
    told = [r.fields for r in bmc.log() if r.kind == events.KIND_TEXT[events.FACTORY_RESET]]
    assert told == ([{"by": "button"}] if wanted_ma == DEFAULT_MA else [])
    assert bmc.power_state().state == power.ON


@pytest.mark.needs(SIGNING_KEY)
def test_it_keeps_keys_and_the_lowest_image_number(
    bench: Bench, insert: Insert, target: Target
) -> None:
    bmc = insert(1)
    before = target.block("IMAGE_STATUS")["minimum_sequence"]
    bmc.factory_reset()
    assert target.block("IMAGE_STATUS")["minimum_sequence"] == before == 1
    for key, is_accepted in ((SigningKey.generate(), False), (bench.signing_key, True)):
        read = read_image(sign_image(PAYLOAD, key, 1, bench.board))
        result = bmc.send_image(image.FIRMWARE, read.head, read.payload)
        assert result.is_accepted == is_accepted, result.reason
