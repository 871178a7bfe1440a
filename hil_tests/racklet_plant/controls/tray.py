"""Hands at the trays: insert, pull, press, plug."""

from typing import Literal

from ..errors import ControlError
from ..rack import Rack
from ..unit import Unit
from ..world import MS
from .registry import Result, control, positive, slot_unit


def _unit_by_serial(rack: Rack, serial: str) -> Unit:
    for unit in rack.units:
        if unit.serial == serial:
            return unit
    raise ControlError(f"no unit {serial!r}; there are: {', '.join(u.serial for u in rack.units)}")


@control
def state(rack: Rack) -> Result:
    """What is where, and how the world stands."""
    return {
        "now_ns": rack.world.now_ns,
        "busbar_mv": rack.supply.v_uv // 1000,
        "supply_ma": rack.supply.i_ua // 1000,
        "supply_on": rack.supply.on,
        "slots": [
            {"slot": n, **(_describe(s.unit) if s.unit else {"serial": None})}
            for n, s in rack.slots.items()
        ],
    }


def _describe(unit: Unit) -> Result:
    return {
        "serial": unit.serial,
        "latch": unit.latch.q,
        "efuse": unit.power.efuse.state.value,
        "regulator": unit.power.buck.state.value,
        "compute": unit.compute.state.value,
        "vin_mv": unit.node("VBUS"),
        "vout_mv": unit.node("V5"),
        "iout_ma": unit.node("IOUT"),
        "true_in_uj": unit.true_in_uj,
        "true_out_uj": unit.true_out_uj,
        "ideal_in_uj": unit.ideal_uj("input"),
        "ideal_out_uj": unit.ideal_uj("output"),
    }


@control
def insert(rack: Rack, slot: int, serial: str | None = None, bounce: bool = True) -> Result:
    """Push a unit in: the one with that serial, else the one last pulled, else a new one.

    Changes nothing when the slot is taken (by that unit, if a serial is given).
    """
    if slot not in rack.slots:
        raise ControlError(f"no slot {slot}; this rack has 1 to {len(rack.slots)}")
    place = rack.slots[slot]
    if place.unit is not None and serial in (None, place.unit.serial):
        return {"slot": slot, "serial": place.unit.serial, "changed": False}
    unit = place.last if serial is None else _unit_by_serial(rack, serial)
    if unit is not None and unit.slot_number is not None:
        unit = None if serial is None else unit
    return {"slot": slot, "serial": place.insert(unit, bounce).serial, "changed": True}


@control
def remove(rack: Rack, slot: int, break_ms: float = 5.0) -> Result:
    """Pull the unit, contacts breaking in order over that time. Nothing when it is empty."""
    positive(break_ms=break_ms)
    if slot not in rack.slots:
        raise ControlError(f"no slot {slot}; this rack has 1 to {len(rack.slots)}")
    if rack.slots[slot].unit is None:
        return {"slot": slot, "serial": None, "changed": False}
    unit = rack.slots[slot].remove(round(break_ms * MS))
    return {"slot": slot, "serial": unit.serial, "changed": True}


@control
def flicker(
    rack: Rack, slot: int, contact: Literal["busbar", "smbus", "presence"], ms: float = 1.0
) -> Result:
    """One contact opens for a moment."""
    positive(ms=ms)
    slot_unit(rack, slot)
    rack.slots[slot].contacts.flicker(contact, round(ms * MS))
    return {"slot": slot}


@control
def press(rack: Rack, slot: int, ms: float = 100.0) -> Result:
    """Hold the factory-reset button for that long."""
    positive(ms=ms)
    unit = slot_unit(rack, slot)
    unit.press(True)
    rack.world.after(round(ms * MS), lambda: unit.press(False))
    return {"slot": slot}


@control
def usb(rack: Rack, slot: int, on: bool = True) -> Result:
    """Plug a USB cable into the BMC: it stays up without the busbar."""
    unit = slot_unit(rack, slot)
    unit.power.standby.usb = on
    unit.power.changed()
    return {"slot": slot, "usb": on}
