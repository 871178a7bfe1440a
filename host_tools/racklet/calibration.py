"""Calibrating a channel: from readings beside a reference's values to a correction of the unit.

All values are in thousandths of the unit (mA, mV). An uncertainty is the half-width within
which 95 of 100 true values lie (k = 2); independent parts add as the root of their squares.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot, sqrt
from typing import Self

from racklet.errors import Refused, UsageError
from racklet.measure import Calibration
from racklet.settings import Settings

# What the firmware can hold (settings_schema.py), which is what the data sheets allow, twice.
GAIN_PPM, OFFSET_MILLI = 20_000, 100

# What the gain may move by within 20 K of the temperature of the calibration: the shunt's
# 75 ppm/K, the voltage input's 20 ppm/K (INA228 data sheet, section 6.5).
DRIFT_PPM = {"iin": 1_500, "iout": 1_500, "vin": 400, "vout": 400}

LOADED = {"i": 50, "v": 1_000}  # from here on a point says something about the gain

_DIGIT = 1 / sqrt(3)  # a reading is rounded to a whole number: +-0.5, rectangular, k = 2
_WORST_PPM = 10_000  # a unit as delivered is known about that well


@dataclass(frozen=True)
class Reference:
    """How far the reference may be off: a share of its value, and a fixed part."""

    ppm: float
    milli: float

    @classmethod
    def parse(cls, text: str, unit: str) -> Self:
        """`0.1%`, `2mA`, `0.1% + 2mA`, `500ppm`. Raises `UsageError`."""
        ppm = milli = 0.0
        scales = {"%": 1e4, "ppm": 1.0, unit.lower(): 1.0, unit[1:].lower(): 1e3}
        for part in text.split("+"):
            match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([a-zA-Z%]+)\s*", part)
            if match is None or match[2].lower() not in scales:
                raise UsageError(
                    f"{text!r} is no uncertainty", hint=f"write 0.1%, 2{unit} or 0.1%+2{unit}"
                )
            value, kind = float(match[1]), match[2].lower()
            if kind in ("%", "ppm"):
                ppm += value * scales[kind]
            else:
                milli += value * scales[kind]
        if ppm == milli == 0:
            raise UsageError(
                "no reference is exact", hint=f"its data sheet says how far off it is: 0.1%+2{unit}"
            )
        if ppm > _WORST_PPM:
            raise Refused(
                f"a reference that may be off by {ppm / 1e4:g} % is no better than the unit",
                hint="take one that is off by less than 1 %",
            )
        return cls(ppm, milli)

    def at(self, value: float) -> float:
        return hypot(value * self.ppm / 1e6, self.milli)


@dataclass(frozen=True)
class Point:
    """What the reference said, and what the unit read without any correction, as a mean."""

    reference: float
    raw: float
    noise: float  # of that mean, k = 2


@dataclass(frozen=True)
class Correction:
    """reading * (1 + gain) + offset, and how far that may be off."""

    gain_ppm: int
    offset_milli: int
    uncertainty_ppm: int
    uncertainty_micro: int


def mean_of(readings: Sequence[int], gain_ppm: int, offset_milli: int) -> tuple[float, float]:
    """Mean of readings with their correction taken out, and its noise (k = 2)."""
    raw = [(value - offset_milli) / (1 + gain_ppm / 1e6) for value in readings]
    mean = sum(raw) / len(raw)
    if len(raw) < 2:
        return mean, 0.0
    variance = sum((value - mean) ** 2 for value in raw) / (len(raw) - 1)
    return mean, 2 * sqrt(variance / len(raw))


def correct(
    channel: str, points: Sequence[Point], reference: Reference, before: Calibration
) -> Correction:
    """The correction that fits the points best. Raises `Refused` for what makes no sense.

    Points without load alone give an offset, points of one load alone a gain, both or several
    loads give both; what they do not give stays as it was `before`, its uncertainty too.
    """
    if not points:
        raise Refused("no point was taken", hint="take one without load and one or more with it")
    values = [point.reference for point in points]
    loaded = [point for point in points if abs(point.reference) >= LOADED[channel[0]]]
    has_span = bool(loaded) and max(values) - min(values) > max(values) / 4
    gain, offset = before.gain_ppm / 1e6, float(before.offset_milli)
    if has_span:
        offset = _offset_of_line(points)
    elif not loaded:
        offset = sum(p.reference - p.raw * (1 + gain) for p in points) / len(points)
    offset_milli = round(offset)
    if loaded:
        gain = _gain(loaded, offset_milli)
    gain_ppm = round(gain * 1e6)
    _check(channel, gain_ppm, offset_milli)
    off = [p.raw * (1 + gain_ppm / 1e6) + offset_milli - p.reference for p in points]
    rest, noise = max(map(abs, off)), max(point.noise for point in points)
    for value, point in zip(off, points, strict=True):
        if abs(value) > 3 * (reference.at(point.reference) + point.noise + 1):
            raise Refused(
                f"the points lie on no line: one is missed by {rest:.1f} {_unit(channel)}",
                hint="was each value read from the reference while the load stood still?",
            )
    ppm = float(before.uncertainty_ppm)
    if loaded:
        ppm = hypot(reference.ppm, DRIFT_PPM[channel], noise / max(values) * 1e6)
    kept = 0.0 if has_span or not loaded else before.uncertainty_micro / 1000
    # What the points are missed by is no chance: it adds as it is.
    micro = 1000 * (rest + hypot(reference.milli, noise, _DIGIT, kept))
    return Correction(gain_ppm, offset_milli, ceil(ppm), ceil(micro))


def write_correction(
    settings: Settings, channel: str, correction: Correction | None, day: int
) -> None:
    """Put a correction in force and keep it; on any refusal the one before stays."""
    found = correction or Correction(0, 0, 0, 0)
    unit = "v" if channel.startswith("v") else "a"
    values = {
        "gain_ppm": found.gain_ppm,
        f"offset_m{unit}": found.offset_milli,
        "uncertainty_ppm": found.uncertainty_ppm,
        f"uncertainty_u{unit}": found.uncertainty_micro,
        "calibrated_day": day if correction else 0,
    }
    settings.change({f"{channel}_{name}": value for name, value in values.items()})


def _check(channel: str, gain_ppm: int, offset_milli: int) -> None:
    unit = _unit(channel)
    if abs(gain_ppm) > GAIN_PPM:
        raise Refused(
            f"the unit would be off by {gain_ppm / 1e4:+.1f} %, more than any good one",
            hint=f"was the value meant in {unit}, and is the reference in the same circuit?",
        )
    if abs(offset_milli) > OFFSET_MILLI:
        raise Refused(
            f"the unit would be off by {offset_milli:+d} {unit} without load, more than any good "
            "one",
            hint="is the load really away, and does nothing else feed or load the rail?",
        )


def _gain(points: Sequence[Point], offset: int) -> float:
    """Least squares through the offset."""
    products = sum(p.raw * (p.reference - offset) for p in points)
    squares = sum(p.raw * p.raw for p in points)
    return products / squares - 1 if squares else 1.0


def _offset_of_line(points: Sequence[Point]) -> float:
    """Offset of the least-squares line from readings to references."""
    count = len(points)
    mean_raw = sum(p.raw for p in points) / count
    mean_reference = sum(p.reference for p in points) / count
    squares = sum((p.raw - mean_raw) ** 2 for p in points)
    if not squares:
        raise Refused(
            "the unit reads the same at every point", hint="is the load on this unit's 5 V rail?"
        )
    products = sum((p.raw - mean_raw) * (p.reference - mean_reference) for p in points)
    return mean_reference - products / squares * mean_raw


def _unit(channel: str) -> str:
    return "mV" if channel.startswith("v") else "mA"
