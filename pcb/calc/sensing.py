"""Shunts and their errors. TI SLYS021 = INA228 data sheet."""

from .figures import Figure, Values, load

RANGE = 40.96e-3  # V, ADCRANGE 1
OFFSET = 1e-6  # V
GAIN = 0.0005
SHUNT = 0.01
SHUNT_TC, DELTA_T = 75e-6, 40.0
BIAS = 2.5e-9
CAL = 13107.2e6


def figures() -> list[Figure]:
    v = Values(load("bmc_rp2040_r1"))
    rows = []
    for name, shunt, filter_r, full, lsb in (
        ("output", "R306", "R711", 5.0, 8.192 / 2**19),
        ("input", "R213", "R721", 3.02, 4.096 / 2**19),
    ):
        r = v.r(shunt)
        error = SHUNT + SHUNT_TC * DELTA_T + GAIN + OFFSET / (r * full)
        bias_error = BIAS * v.r(filter_r) / (r * full)
        rows += [
            Figure(f"{name} shunt at full current", full * r * 1e3, "max", RANGE * 1e3, "mV", 0.2,
                   "SLYS021 ADCRANGE 1"),
            Figure(f"{name} shunt at full current uses the range", full * r * 1e3, "min",
                   RANGE * 1e3 / 2, "mV", 0.2, "resolution"),
            Figure(f"{name} shunt loss", full**2 * r, "max", 1.0, "W", 0.5, "WSL2512 1 W"),
            Figure(f"{name} error at full current", error * 100, "max", 2.0, "%", 0.2,
                   "shunt 1 %, 75 ppm/K over 40 K"),
            Figure(f"{name} filter error", bias_error * 1e6, "max", 10.0, "ppm", 0.5, "bias"),
            Figure(f"{name} SHUNT_CAL off 4096", abs(4 * CAL * lsb * r - 4096), "max", 1.0, "",
                   0.5, "SLYS021 8.1.2"),
        ]  # fmt: skip
    return rows
