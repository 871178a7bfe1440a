"""Print how far energy is off, by load: what is reported, and what the sensor itself misses.

`python -m racklet_bench.energy_figures [--json]`. The whole firmware on the virtual bench with
ideal parts, from rail off to rail off, so that nothing flows between a count and its reading.
What is reported is held against an ideal reader of the output monitor's register; that register
against the plant's true energy: conversions in turn, and aliasing where the load keeps step.
"""

from collections.abc import Iterator

from racklet.bmc import Bmc
from racklet.power import PowerCommand

from .figures import COMPUTED, Figure, show
from .virtual import VirtualBench

_CYCLE_US = 1_102  # of the converter: shunt 1,052 us, bus 50 us
_BOOT_S = 25
LOADS: dict[str, tuple[list[list[int]], int]] = {  # steps of [us, mA], seconds
    "boot of a Raspberry Pi 4": ([], _BOOT_S),
    "idle, 0.6 A": ([[1_000_000, 600]], 20),
    "bursts of 1 ms, 20 a second": ([[1_000, 2_000], [49_000, 600]], 4),
    "square wave at the sampling rate": ([[_CYCLE_US, 1_340], [_CYCLE_US, 600]], 4),
    "square wave, one in each conversion": ([[_CYCLE_US // 2, 1_340], [_CYCLE_US // 2, 600]], 4),
    "square wave in step with bus and shunt": ([[50, 600], [1_052, 1_340]], 4),
}


def errors(steps: list[list[int]], seconds: int) -> tuple[float, float]:
    """Percent: reported against the ideal reader, the sensor against the truth."""
    bench = VirtualBench(slots=1, speed_up=1.0)
    try:
        bench.insert(1)
        unit = bench.rack.plant.slots[1].unit
        assert unit is not None
        for monitor in unit.parts.monitors.values():
            monitor.perfect()
        bench.clock.sleep(5)
        bmc = Bmc(bench.bus, 1, bench.clock)
        before = bmc.energy().out_uj, unit.ideal_uj("output") or 0, unit.true_out_uj
        bmc.power(PowerCommand.ON)
        if steps:
            bench.control("script", slot=1, steps=steps)
        bench.clock.sleep(seconds)
        bmc.power(PowerCommand.OFF)
        bench.clock.sleep(3)
        after = bmc.energy().out_uj, unit.ideal_uj("output") or 0, unit.true_out_uj
    finally:
        bench.close()
    reported, ideal, true = (now - then for now, then in zip(after, before, strict=True))
    # To a thousandth of a percent, and no negative zero.
    return round(100 * (reported / ideal - 1), 3) + 0.0, round(100 * (ideal / true - 1), 3) + 0.0


def rows() -> Iterator[Figure]:
    """Two for each load."""
    for load, (steps, seconds) in LOADS.items():
        reported, sensor = errors(steps, seconds)
        how = f"whole firmware on the virtual bench, {seconds} s"
        name = "energy reported against an ideal reader"
        yield Figure(f"{name}, {load}", abs(reported), "%", COMPUTED, how, 0.1)
        name = "energy of the sensor against the truth"
        yield Figure(f"{name}, {load}", sensor, "%", COMPUTED, "ideal parts")


if __name__ == "__main__":
    show(rows())
