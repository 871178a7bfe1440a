"""What the plant itself can and cannot do: limits to hold the firmware's figures against.

`python -m racklet_plant.figures [--json]`. Ideal parts, so that only physics is left.
"""

import json
import sys
from collections.abc import Callable

from .errors import PlantError
from .monitors.ina228 import ADC_CONFIG, CONFIG, ENERGY, SHUNT_CAL, Ina228
from .rack import Rack
from .unit import Unit
from .world import MS, S, World

# The output monitor: small range, SHUNT_CAL 4096, so CURRENT_LSB 15.625 uA with 5 mOhm.
_OUTPUT = 0x40
_ENERGY_LSB_UJ = 16 * 3.2 * 15.625

Figures = dict[str, float]

PLANS = {
    "as after reset": 0xFB68,  # temperature, shunt, bus: 1052 us each
    "shunt and bus": 0xBB68,
    "shunt 1052 us, bus 50 us": 0xB168,
}
SCRIPTS: dict[str, list[tuple[int, int]]] = {  # (us, mA), repeated
    "steady": [(1_000_000, 600)],
    "stress, 1 s on, 1 s off": [(1_000_000, 1340), (1_000_000, 600)],
    "bursts of 1 ms, 20 a second": [(1_000, 2000), (49_000, 600)],
    "square wave, 1 kHz": [(500, 1340), (500, 600)],
    "square wave at the sensor's own cycle": [(1_052, 1340), (2_104, 600)],
}


def _powered(draw_ma: int | None) -> tuple[World, Rack, Unit]:
    world = World(1)
    rack = Rack(world, slots=1, tolerance=0.0)
    unit = rack.slots[1].insert(bounce=False)
    unit.compute.wobble = False
    unit.compute.draw(draw_ma)
    world.advance(500 * MS)
    return world, rack, unit


def _pin(unit: Unit, net: str, level: int) -> None:
    unit.port.drive(unit.board.pins[net], level)


def _power_good(unit: Unit) -> bool:
    return bool(unit.port.net_level("PG_ALL"))


def _discharged(unit: Unit) -> bool:
    return unit.node("V5") < 300


def _bmc_down(unit: Unit) -> bool:
    return not unit.power.standby.up


def _until(world: World, unit: Unit, done: Callable[[Unit], bool]) -> float:
    """Milliseconds until that is so."""
    start = world.now_ns
    while not done(unit):
        due = world.next_ns()
        if due is None or due > start + S:
            raise PlantError(f"{done.__name__} did not come within a second")
        world.advance_to(due)
    return (world.now_ns - start) / MS


def power_figures() -> Figures:
    """Times of the power path, in ms."""
    figures: Figures = {}
    for name, draw in (("idle, 0.6 A", 600), ("no load", 0)):
        world, _, unit = _powered(draw)
        _pin(unit, "LATCH_SET", 1)
        figures[f"latch set to power good, {name}"] = _until(world, unit, _power_good)
        world.advance(100 * MS)
        _pin(unit, "DISCHG", 1)
        _pin(unit, "LATCH_CLR", 1)
        figures[f"latch cleared to 0.3 V with discharge, {name}"] = _until(world, unit, _discharged)
    for volt in (12, 19):
        world, rack, unit = _powered(None)
        rack.supply.set_uv = volt * 1_000_000
        rack.settle()
        world.advance(2 * S)
        unit.contact("busbar", False)
        figures[f"hold-up of the BMC from {volt} V"] = _until(world, unit, _bmc_down)
    return figures


def sampling_errors(seconds: int = 2) -> dict[str, Figures]:
    """The output monitor's ENERGY against the truth, in percent, by load and converter plan."""
    return {
        load: {plan: _error(steps, word, seconds) for plan, word in PLANS.items()}
        for load, steps in SCRIPTS.items()
    }


def _error(steps: list[tuple[int, int]], adc_config: int, seconds: int) -> float:
    world, _, unit = _powered(None)
    _pin(unit, "LATCH_SET", 1)
    world.advance(50 * MS)
    unit.compute.play(steps, repeat=True)

    def write(register: int, word: int) -> None:
        unit.port.i2c_transfer(_OUTPUT, bytes([register, *word.to_bytes(2, "big")]))

    write(SHUNT_CAL, 4096)
    write(ADC_CONFIG, adc_config)
    write(CONFIG, 0x4010)  # RSTACC and the small range; restarts the converter
    monitor = unit.parts["output"]
    assert isinstance(monitor, Ina228)
    before = unit.power.output.energy_zj
    world.advance(seconds * S // monitor.round_ns * monitor.round_ns)
    raw = int.from_bytes(unit.port.i2c_transfer(_OUTPUT, bytes([ENERGY]), 5), "big")
    truth_uj = (unit.power.output.energy_zj - before) / 1e15
    return 100 * (raw * _ENERGY_LSB_UJ / truth_uj - 1)


def rows(power: Figures, errors: dict[str, Figures]) -> list[dict[str, object]]:
    """Both tables as a flat list with name, value, unit, kind and how."""
    flat = [(name, ms, "ms", "ideal parts") for name, ms in power.items()]
    for load, row in errors.items():
        for plan, error in row.items():
            name = f"INA228 energy error, {load}"
            flat.append((f"{name}; {plan}", error, "%", "plant's truth"))
    return [
        {"name": name, "value": value, "unit": unit, "kind": "computed", "how": how}
        for name, value, unit, how in flat
    ]


def main() -> None:
    power, errors = power_figures(), sampling_errors()
    if "--json" in sys.argv[1:]:
        print(json.dumps(rows(power, errors), indent=2))
        return
    print("Power path of the plant, ms")
    for name, ms in power.items():
        print(f"  {name:<52}{ms:8.2f}")
    print("Output monitor (INA228) against the true energy, %")
    print(" " * 40 + "".join(f"{plan:>26}" for plan in PLANS))
    for load, row in errors.items():
        print(f"  {load:<38}" + "".join(f"{value:26.3f}" for value in row.values()))


if __name__ == "__main__":
    main()
