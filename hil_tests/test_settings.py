"""Settings are all set and kept, or refused with the reason, and nothing is changed."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import Refused
from racklet.settings import Settings
from racklet_bench.bench import HANDS, RESET, Bench
from racklet_wire import status
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS, RESET)

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


def test_a_change_is_whole_and_kept_if_it_shall(bench: Bench, insert: Insert) -> None:
    bmc = insert(1)
    limits = ("vin_uv_fault_limit_mv", "vin_uv_warn_limit_mv")
    delivered = [setting.value for setting in bmc.settings(limits)]
    bmc.change_settings(dict(zip(limits, (13_000, 14_000), strict=True)))  # past each other
    bmc.change_settings({"settle_ms": 50}, keep=False)
    assert [one.value for one in bmc.settings((*limits, "settle_ms"))] == [13_000, 14_000, 50]
    with pytest.raises(Refused, match="14000 for vin_uv_fault_limit_mv"):
        bmc.change_settings({"settle_ms": 60, "vin_uv_fault_limit_mv": 14_000})
    assert [one.value for one in bmc.settings((*limits, "settle_ms"))] == [13_000, 14_000, 50]

    bench.reset_bmc(1)
    bench.clock.sleep(2)
    assert [one.value for one in bmc.settings((*limits, "settle_ms"))] == [13_000, 14_000, 100]
    assert [one.default for one in bmc.settings(limits)] == delivered
    shown = bmc.settings()
    assert len({one.name for one in shown}) == len(shown) > 60
    assert all(one.minimum <= one.default <= one.maximum for one in shown)
