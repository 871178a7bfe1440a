"""The hands in the simulated world: insert, pull, load, short, brown-out, broken parts.

`CONTROLS` maps a name to a function `(rack, **arguments)`; `run` checks names and types and
calls it. Everything returns what JSON can carry, and raises ControlError, having changed
nothing, when asked for what cannot be.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args, get_origin

from .errors import ControlError
from .monitors import Ina226, Ina228
from .rack import Rack
from .unit import Unit
from .world import MS

Result = dict[str, Any]
CONTROLS: dict[str, Callable[..., Result]] = {}


def control(fn: Callable[..., Result]) -> Callable[..., Result]:
    CONTROLS[fn.__name__] = fn
    return fn


def run(rack: Rack, name: str, arguments: Mapping[str, object]) -> Result:
    """Call a control by name with arguments as they come out of JSON."""
    if (fn := CONTROLS.get(name)) is None:
        raise ControlError(f"no control {name!r}; there are: {', '.join(sorted(CONTROLS))}")
    parameters = dict(list(inspect.signature(fn).parameters.items())[1:])
    if unknown := sorted(set(arguments) - set(parameters)):
        raise ControlError(f"{name} has no {unknown[0]!r}; it takes: {', '.join(parameters)}")
    for key, parameter in parameters.items():
        if key in arguments:
            _check(name, key, parameter.annotation, arguments[key])
        elif parameter.default is parameter.empty:
            raise ControlError(f"{name} needs {key!r}")
    return fn(rack, **arguments)


def _check(name: str, key: str, kind: Any, value: object) -> None:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ControlError(
                f"{name}: {key} is one of {', '.join(get_args(kind))}, not {value!r}"
            )
        return
    kinds = get_args(kind) or (kind,)
    if float in kinds:
        kinds += (int,)
    # In Python True is an int; in JSON it is not.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        words = " or ".join(getattr(k, "__name__", str(k)) for k in kinds)
        raise ControlError(f"{name}: {key} is {words}, not {value!r}")


def _positive(**values: float | None) -> None:
    for key, value in values.items():
        if value is not None and value < 0:
            raise ControlError(f"{key} cannot be negative: {value}")


def _slot_unit(rack: Rack, slot: int) -> Unit:
    if slot not in rack.slots:
        raise ControlError(f"no slot {slot}; this rack has 1 to {len(rack.slots)}")
    if (unit := rack.slots[slot].unit) is None:
        raise ControlError(f"slot {slot} is empty; insert a unit first")
    return unit


def _unit_by_serial(rack: Rack, serial: str) -> Unit:
    for unit in rack.units:
        if unit.serial == serial:
            return unit
    raise ControlError(f"no unit {serial!r}; there are: {', '.join(u.serial for u in rack.units)}")


# --- units ------------------------------------------------------------------------------


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
    _positive(break_ms=break_ms)
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
    _positive(ms=ms)
    _slot_unit(rack, slot)
    rack.slots[slot].contacts.flicker(contact, round(ms * MS))
    return {"slot": slot}


@control
def press(rack: Rack, slot: int, ms: float = 100.0) -> Result:
    """Hold the factory-reset button for that long."""
    _positive(ms=ms)
    unit = _slot_unit(rack, slot)
    unit.press(True)
    rack.world.after(round(ms * MS), lambda: unit.press(False))
    return {"slot": slot}


@control
def usb(rack: Rack, slot: int, on: bool = True) -> Result:
    """Plug a USB cable into the BMC: it stays up without the busbar."""
    unit = _slot_unit(rack, slot)
    unit.power.standby.usb = on
    unit.power.changed()
    return {"slot": slot, "usb": on}


# --- the 5 V rail and the compute unit ------------------------------------------------------


@control
def load(rack: Rack, slot: int, ma: int | None = None, cores: float | None = None) -> Result:
    """Draw exactly `ma`, or keep `cores` busy; neither = what the profile says."""
    _positive(ma=ma, cores=cores)
    unit = _slot_unit(rack, slot)
    if cores is not None:
        unit.compute.stress(cores)
    unit.compute.draw(ma)
    return {"slot": slot, "iout_ma": unit.compute.load_ua // 1000}


@control
def short(
    rack: Rack,
    slot: int,
    where: Literal["output", "input"] = "output",
    milliohm: float = 50,
    ms: float | None = None,
) -> Result:
    """Short the 5 V rail (output) or the node behind the eFuse (input), for `ms` or for good."""
    _positive(ms=ms)
    if milliohm <= 0:
        raise ControlError(f"milliohm must be above 0: {milliohm}")
    unit = _slot_unit(rack, slot)
    _set_short(unit, where, 1000 / milliohm)
    if ms is not None:
        rack.world.after(round(ms * MS), lambda: _set_short(unit, where, 0.0))
    return {"slot": slot, "where": where}


@control
def release(rack: Rack, slot: int) -> Result:
    """Take away shorts, back-feed, stuck and broken parts, forced loads of one unit."""
    unit = _slot_unit(rack, slot)
    unit.heal()
    return {"slot": slot}


def _set_short(unit: Unit, where: str, siemens: float) -> None:
    if where == "output":
        unit.power.buck.short_siemens = siemens
    else:
        unit.power.efuse.short_siemens = siemens
    unit.power.changed()


@control
def backfeed(rack: Rack, slot: int, mv: int = 3000, ohm: float = 100) -> Result:
    """Something else feeds the 5 V rail (HDMI, USB): `mv` behind `ohm`."""
    _positive(mv=mv)
    if ohm <= 0:
        raise ControlError(f"ohm must be above 0: {ohm}")
    unit = _slot_unit(rack, slot)
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
    unit = _slot_unit(rack, slot)
    if do == "hang":
        unit.compute.hang()
    elif do == "type":
        unit.console.write(text.encode() + b"\n")
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
    _slot_unit(rack, slot).compute.halt_factor = factor
    return {"slot": slot, "factor": factor}


# --- supply -----------------------------------------------------------------------------------


@control
def supply(
    rack: Rack,
    *,
    mv: int | None = None,
    limit_ma: int | None = None,
    limit_mw: int | None = None,
    on: bool | None = None,
    mode: Literal["hiccup", "latch", "constant"] | None = None,
) -> Result:
    """Set the bench supply; what is left out stays."""
    _positive(mv=mv, limit_ma=limit_ma, limit_mw=limit_mw)
    s = rack.supply
    if mv is not None:
        s.set_uv = mv * 1000
    if limit_ma is not None:
        s.limit_ua = limit_ma * 1000
    if limit_mw is not None:
        s.limit_mw = limit_mw
    if on is not None:
        s.on = on
    if mode is not None:
        s.mode = mode
    rack.settle()
    return {"busbar_mv": s.v_uv // 1000}


@control
def brownout(rack: Rack, mv: int, ms: float, slot: int | None = None) -> Result:
    """The supply (or one slot's busbar contact) sags to `mv` for `ms`."""
    _positive(mv=mv, ms=ms)
    if slot is None:
        rack.supply.dip(mv * 1000, round(ms * MS), rack.settle)
    else:
        _slot_unit(rack, slot).dip(mv * 1000, round(ms * MS))
    return {"mv": mv, "ms": ms}


@control
def surge(rack: Rack, mv: int, ms: float) -> Result:
    """The supply rises to `mv` for `ms`."""
    _positive(mv=mv, ms=ms)
    rack.supply.dip(mv * 1000, round(ms * MS), rack.settle)
    return {"mv": mv, "ms": ms}


# --- sensors and buses ----------------------------------------------------------------------------


@control
def sensor(
    rack: Rack,
    slot: int,
    name: Literal["input", "output", "board", "fru"],
    fault: Literal["absent", "stuck", "wrong", "ok", "reset"],
) -> Result:
    """Break a part on the local bus: no answer, a frozen value, another chip's id, or a reset."""
    unit = _slot_unit(rack, slot)
    part = unit.parts[name]
    if fault == "reset":
        if not isinstance(part, Ina226 | Ina228):
            raise ControlError(f"{name} is no power monitor; only these can be reset")
        part.power(True)
        return {"slot": slot}
    if fault == "wrong" and not isinstance(part, Ina226 | Ina228):
        raise ControlError(f"{name} has no id to be wrong")
    if fault == "stuck" and name == "fru":
        raise ControlError("an EEPROM cannot be stuck; say absent")
    part.break_down(fault)
    return {"slot": slot, "name": name, "fault": fault}


@control
def local_bus(rack: Rack, slot: int, count: int = 1) -> Result:
    """The next `count` transfers on the BMC's own I2C bus find nobody."""
    _positive(count=count)
    _slot_unit(rack, slot).port.i2c_nacks = count
    return {"slot": slot, "count": count}


@control
def temperature(rack: Rack, slot: int, mc: int) -> Result:
    """Ambient temperature of one unit, in thousandths of a degree C."""
    unit = _slot_unit(rack, slot)
    unit.parts.body.ambient_mc = mc
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
    _positive(ms=ms, count=count)
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
    for when in {now, model.sda_low_until, model.scl_low_until}:
        if when >= now:
            rack.world.at(when, rack.lines_changed)
    return {"fault": fault}
