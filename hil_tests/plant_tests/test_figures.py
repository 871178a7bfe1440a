"""The plant's published limits, against what can be computed without it."""

import pytest
from racklet_plant import figures


def test_power_path_is_the_sum_of_its_parts() -> None:
    rows = figures.power_figures()
    # VEF to 9.8 V at 2.19 V/ms, 0.5 ms, 90 % of 5 ms, 3.1 ms of deglitch.
    start = 9.8 / 2.19 + 0.5 + 0.9 * 5 + 3.1
    assert rows["latch set to power good, no load"] == pytest.approx(start, rel=0.02)
    assert rows["hold-up of the BMC from 12 V"] == pytest.approx(24.8, rel=0.05)


def test_a_steady_load_is_exact_and_the_worst_case_is_aliasing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        figures, "SCRIPTS", {k: v for k, v in figures.SCRIPTS.items() if "1 kHz" not in k}
    )
    # ENERGY is a whole number of 0.8 mJ, of some 3 J in a second.
    table = figures.sampling_errors(seconds=1)
    assert all(abs(error) < 0.03 for error in table["steady"].values())
    # A shunt window that always meets the high level sees 1340 mA where the mean is 847.
    aliased = table["square wave at the sensor's own cycle"]["as after reset"]
    assert aliased == pytest.approx(100 * (1343 / (1340 / 3 + 600 * 2 / 3 + 3) - 1), abs=2)
