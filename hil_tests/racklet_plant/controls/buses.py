"""Sensors, the local bus and the SMBus."""

from typing import Literal

from ..errors import ControlError
from ..monitors import Ina226, Ina228
from ..rack import BUFFER_MS, Rack
from ..tmp1075 import Tmp1075
from ..world import MS
from .registry import Result, control, positive, slot_unit


@control
def sensor(
    rack: Rack,
    slot: int,
    name: Literal["input", "output", "board", "fru"],
    fault: Literal["absent", "stuck", "wrong", "off", "ok", "reset"],
) -> Result:
    """Break a part on the local bus: no answer, a frozen value, another chip's id (of the EEPROM a
    wrong bit), a value far out of range, or a reset."""
    unit = slot_unit(rack, slot)
    part = unit.parts[name]
    if fault == "reset":
        if not isinstance(part, Ina226 | Ina228):
            raise ControlError(f"{name} is no power monitor; only these can be reset")
        part.power(True)
        return {"slot": slot}
    if fault == "wrong" and isinstance(part, Tmp1075):
        raise ControlError(f"{name} has no id to be wrong")
    if fault == "stuck" and name == "fru":
        raise ControlError("an EEPROM cannot be stuck; say absent")
    if fault == "off" and not isinstance(part, Ina228 | Tmp1075):
        raise ControlError(f"{name} has no value to be off")
    part.break_down(fault)
    return {"slot": slot, "name": name, "fault": fault}


@control
def counts(rack: Rack, slot: int, name: Literal["input", "output"], energy: int) -> Result:
    """Put the energy register of a power monitor somewhere: near its end at 2^40, say."""
    positive(energy=energy)
    part = slot_unit(rack, slot).parts[name]
    if not isinstance(part, Ina228):
        raise ControlError(f"{name} has no energy register")
    part.preload(energy, 0)
    return {"slot": slot, "name": name, "energy": energy}


@control
def local_bus(rack: Rack, slot: int, count: int = 1) -> Result:
    """The next `count` transfers on the BMC's own I2C bus find nobody."""
    positive(count=count)
    slot_unit(rack, slot).port.i2c_nacks = count
    return {"slot": slot, "count": count}


@control
def temperature(rack: Rack, slot: int, mc: int) -> Result:
    """Ambient temperature of one unit, in thousandths of a degree C."""
    unit = slot_unit(rack, slot)
    unit.parts.set_ambient(mc)
    return {"slot": slot, "temperature_mc": unit.parts.body.mc}


@control
def bus(
    rack: Rack,
    fault: Literal["sda_low", "scl_low", "nack", "flip", "arbitration", "ok"],
    ms: float = 50,
    count: int = 1,
    hz: int | None = None,
) -> Result:
    """Disturb the SMBus: a line low for `ms`, or the next `count` addresses, bytes or STARTs."""
    positive(ms=ms, count=count)
    model, now = rack.bus, rack.world.now_ns
    if hz is not None:
        if not 10_000 <= hz <= 1_000_000:
            raise ControlError(f"SMBus runs at 10 kHz to 1 MHz, not {hz} Hz")
        model.hz = hz
    if fault == "sda_low":
        model.sda_low_until = now + round(ms * MS)
    elif fault == "scl_low":
        model.scl_low_until = now + round(ms * MS)
    elif fault == "nack":
        model.nacks = count
    elif fault == "flip":
        model.flip_bits = [1 << rack.world.rng.randrange(8) for _ in range(count)]
    elif fault == "arbitration":
        model.lose_arbitration = count
    else:
        model.heal()
        for each in rack.slots.values():
            each.held_until = 0
    for when in {now, model.sda_low_until, model.scl_low_until}:
        if when >= now:
            rack.world.at(when, rack.lines_changed)
    return {"fault": fault}


@control
def hold_bus(rack: Rack, slot: int, line: Literal["sda", "scl"], ms: float = 10_000) -> Result:
    """A unit holds a line of the SMBus low until it is pulled; its buffer soon cuts it off."""
    positive(ms=ms)
    slot_unit(rack, slot)
    rack.slots[slot].held_until = rack.world.now_ns + round(ms * MS)
    bus(rack, "sda_low" if line == "sda" else "scl_low", ms=min(ms, BUFFER_MS))
    return {"slot": slot, "line": line}
