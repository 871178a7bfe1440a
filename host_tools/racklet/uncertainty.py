"""How far a reading may be off: the half-width within which 95 of 100 true values lie (k = 2).

Integers in the unit of the reading, the last digit included; None where the reading is.
Parts that do not depend on each other add as the root of the sum of their squares.
"""

from collections.abc import Mapping
from math import ceil, hypot
from typing import TYPE_CHECKING

from racklet_wire.waveform import CHANNELS

from racklet.errors import RackletError
from racklet.measure import Calibration, PowerOn
from racklet.records import Energy, PowerState, Telemetry

if TYPE_CHECKING:
    from racklet.client import Client

_UNITS = {"vin": "mv", "iin": "ma", "vout": "mv", "iout": "ma", "temperature": "mc"}


def of_telemetry(
    telemetry: Telemetry, calibrations: Mapping[str, Calibration]
) -> dict[str, int | None]:
    """`vin_uncertainty_mv`, ... for every reading of `telemetry`."""
    found: dict[str, int | None] = {}
    exact: dict[str, float | None] = {}
    for channel, unit in _UNITS.items():
        reading = getattr(telemetry, f"{channel}_{unit}")
        off = None if reading is None else _off(reading, calibrations[channel])
        exact[channel] = off
        found[f"{channel}_uncertainty_{unit}"] = _whole(off)
    for side in ("in", "out"):
        mv, ma = getattr(telemetry, f"v{side}_mv"), getattr(telemetry, f"i{side}_ma")
        v_off, i_off = exact[f"v{side}"], exact[f"i{side}"]
        off = None
        if v_off is not None and i_off is not None:
            off = hypot(mv * i_off, ma * v_off) / 1000
        found[f"p{side}_uncertainty_mw"] = _whole(off)
    return found


def of_value(quantity: str, value: int, calibrations: Mapping[str, Calibration]) -> int:
    """Of one value of a quantity of TELEMETRY; of a power without what the offsets are worth."""
    channel = quantity.rsplit("_", 1)[0]
    if channel in calibrations:
        return ceil(_off(value, calibrations[channel])) + 1
    ppm = (calibrations[kind + channel[1:]].uncertainty_ppm for kind in "vi")
    return ceil(abs(value) * hypot(*ppm) / 1e6) + 1


def of_converter(
    readings: Mapping[str, int | None], converter: Mapping[str, Calibration]
) -> dict[str, int | None]:
    """`vout_uncertainty_mv`, ... for readings of the BMC's own converter; None where nobody said.

    Readings and `converter` by waveform.CHANNELS.
    """
    return {
        "_uncertainty_".join(name.rsplit("_", 1)): None
        if reading is None or name not in converter
        else _whole(_off(reading, converter[name]))
        for name, reading in readings.items()
    }


def of_rail(bmc: "Client", state: PowerState) -> dict[str, int | None]:
    """`vout_mv` of POWER_STATE and `vout_uncertainty_mv`, None when the BMC is gone by now."""
    try:
        converter = bmc.converter()
    except RackletError:
        converter = {}
    measured = {"vout_mv": state.vout_mv}
    return measured | of_converter(measured, converter)


def of_fields(
    fields: Mapping[str, object],
    converter: Mapping[str, Calibration],
    calibrations: Mapping[str, Calibration],
) -> dict[str, int | None]:
    """Of the readings among the fields of a log record; None where nobody said."""
    readings = {n: v for n, v in fields.items() if n in CHANNELS and isinstance(v, int)}
    found = of_converter(readings, converter)
    if isinstance(inrush := fields.get("inrush_ma"), int):
        off = of_value("iout_ma", inrush, calibrations) if calibrations else None
        found["inrush_uncertainty_ma"] = off
    return found


def of_power_on(on: PowerOn, calibrations: Mapping[str, Calibration]) -> dict[str, int | None]:
    """Of its inrush, peak, own power and energies."""
    found: dict[str, int | None] = {}
    for name, quantity in (("inrush", "iout_ma"), ("peak_in", "iin_ma"), ("own", "pin_mw")):
        unit = quantity[-2:]
        value = getattr(on, f"{name}_{unit}")
        off = None if value is None else of_value(quantity, value, calibrations)
        found[f"{name}_uncertainty_{unit}"] = off
    for side in ("in", "out"):
        value = getattr(on, f"rise_{side}_uj")
        off = None if value is None else ceil(value * _energy_ppm(side, calibrations) / 1e6)
        found[f"rise_{side}_uncertainty_uj"] = off
    return found


def of_energy(energy: Energy, calibrations: Mapping[str, Calibration]) -> dict[str, int]:
    """`in_uncertainty_uj` and `out_uncertainty_uj`: gains and the clock; offsets are left out.

    It is that of what is counted now; what was counted before a calibration was known less well.
    """
    return {
        f"{side}_uncertainty_uj": ceil(total_uj * _energy_ppm(side, calibrations) / 1e6)
        for side, total_uj in (("in", energy.in_uj), ("out", energy.out_uj))
    }


def _energy_ppm(side: str, calibrations: Mapping[str, Calibration]) -> float:
    voltage, current = calibrations[f"v{side}"], calibrations[f"i{side}"]
    return hypot(voltage.uncertainty_ppm, current.uncertainty_ppm, current.clock_ppm)


def _off(reading: int, calibration: Calibration) -> float:
    share = abs(reading) * calibration.uncertainty_ppm / 1e6
    return share + calibration.uncertainty_micro / 1000


def _whole(off: float | None) -> int | None:
    return None if off is None else ceil(off) + 1
