"""How far one specimen of a power monitor is off; drawn once per part."""

import random
from dataclasses import dataclass


@dataclass
class PartErrors:
    """Gains and clock in ppm, offsets in uV, the shunt's drift in ppm/K. All zero is ideal."""

    shunt_gain_ppm: int = 0
    bus_gain_ppm: int = 0
    shunt_offset_uv: float = 0.0
    bus_offset_uv: float = 0.0
    clock_ppm: int = 0
    shunt_tempco_ppm: int = 0

    @classmethod
    def draw(cls, rng: random.Random, scale: float) -> "PartErrors":
        """Data sheet limits as two sigma, clipped there.

        INA228: shunt gain 0.05 % and 1 uV, bus gain 0.05 % and 2.5 mV, clock 0.5 %. The shunt
        resistor itself: 1 %, 75 ppm/K; its tolerance is most of the gain and what calibration
        takes out.
        """

        def within(limit: float) -> float:
            return scale * max(min(rng.gauss(0, limit / 2), limit), -limit)

        return cls(
            shunt_gain_ppm=round(within(500) + within(10_000)),
            bus_gain_ppm=round(within(500)),
            shunt_offset_uv=within(1.0),
            bus_offset_uv=within(2500.0),
            clock_ppm=round(within(5000)),
            shunt_tempco_ppm=round(within(75)),
        )
