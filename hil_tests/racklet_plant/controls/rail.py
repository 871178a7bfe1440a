"""The 5 V rail and the compute unit on it."""

from typing import Literal

from ..errors import ControlError
from ..rack import Rack
from ..unit import Unit
from ..world import MS
from .registry import Result, control, positive, slot_unit


@control
def load(rack: Rack, slot: int, ma: int | None = None, cores: float | None = None) -> Result:
    """Draw exactly `ma`, or keep `cores` busy; neither = what the profile says."""
    positive(ma=ma, cores=cores)
    unit = slot_unit(rack, slot)
    if cores is not None:
        unit.compute.stress(cores)
    unit.compute.draw(ma)
    return {"slot": slot, "iout_ma": unit.compute.load_ua // 1000}


@control
def script(rack: Rack, slot: int, steps: list, repeat: bool = True) -> Result:  # type: ignore[type-arg]
    """Draw by a list of [us, mA]: each current for so long, then from the start again."""
    if not all(isinstance(s, list | tuple) and [type(n) for n in s] == [int, int] for s in steps):
        raise ControlError("steps are pairs of whole numbers: [us, mA]")
    slot_unit(rack, slot).compute.play([(us, ma) for us, ma in steps], repeat)
    return {"slot": slot, "steps": len(steps)}


@control
def short(
    rack: Rack,
    slot: int,
    where: Literal["output", "input"] = "output",
    milliohm: float = 50,
    ms: float | None = None,
) -> Result:
    """Short the 5 V rail (output) or the node behind the eFuse (input), for `ms` or for good."""
    positive(ms=ms)
    if milliohm <= 0:
        raise ControlError(f"milliohm must be above 0: {milliohm}")
    unit = slot_unit(rack, slot)
    _set_short(unit, where, 1000 / milliohm)
    if ms is not None:
        rack.world.after(round(ms * MS), lambda: _set_short(unit, where, 0.0))
    return {"slot": slot, "where": where}


def _set_short(unit: Unit, where: str, siemens: float) -> None:
    if where == "output":
        unit.power.buck.short_siemens = siemens
    else:
        unit.power.efuse.short_siemens = siemens
    unit.power.changed()


@control
def release(rack: Rack, slot: int) -> Result:
    """Take away shorts, back-feed, stuck and broken parts, forced loads of one unit."""
    unit = slot_unit(rack, slot)
    unit.heal()
    return {"slot": slot}


@control
def backfeed(rack: Rack, slot: int, mv: int = 3000, ohm: float = 100) -> Result:
    """Something else feeds the 5 V rail (HDMI, USB): `mv` behind `ohm`."""
    positive(mv=mv)
    if ohm < 0.001:
        raise ControlError(f"ohm must be at least 0.001: {ohm}")
    unit = slot_unit(rack, slot)
    unit.power.buck.backfeed(mv * 1000, float(ohm))
    unit.power.changed()
    return {"slot": slot}


@control
def compute(
    rack: Rack,
    slot: int,
    do: Literal["hang", "stick", "unstick", "shutdown", "type"],
    text: str = "",
) -> Result:
    """Hang it, make it deaf to shutdown requests (and back), shut it down, type a line."""
    unit = slot_unit(rack, slot)
    if do == "hang":
        unit.compute.hang()
    elif do == "type":
        unit.console.write(text.encode(errors="replace") + b"\n")
    elif do == "shutdown":
        unit.compute.shutdown()
    else:
        unit.compute.stuck = do == "stick"
    return {"slot": slot, "compute": unit.compute.state.value}


@control
def shutdown_time(rack: Rack, slot: int, factor: float) -> Result:
    """Stretch the compute unit's shutdown from now on (1 = its profile)."""
    if factor <= 0:
        raise ControlError(f"factor must be above 0: {factor}")
    slot_unit(rack, slot).compute.halt_factor = factor
    return {"slot": slot, "factor": factor}
