"""Standby 3.3 V: hold-up, insertion peak, clamp currents while 3.3 V is off."""

from .figures import Figure, Values, load

LOAD_W = 0.33 / 0.85  # 100 mA of 3.3 V at 85 %
DIODE = 0.375  # V, one SS34 at 0.1 A; two in the chain
BODY = 0.65  # V, Q201 while the eFuse does not drive its gate
DROPOUT = 4.1  # V, lowest input of AP63203 for 3.3 V
SPREAD = 0.2  # of an electrolytic
VIN_OFF = 10.0  # V, eFuse off threshold: the lowest busbar that still counts as up


def hold_up_ms(c: float, vin: float) -> float:
    """How long C feeds the converter after the busbar is gone, worst capacitor."""
    v1 = vin - 2 * DIODE - BODY
    return 0.5 * c * (1 - SPREAD) * (v1**2 - DROPOUT**2) / LOAD_W * 1e3


def figures() -> list[Figure]:
    v = Values(load("bmc_rp2040_r1"))
    c = v.c("C401")
    peak = 20.0 / v.r("R401")
    energy = 0.5 * c * 20.0**2
    tap_5v = v.r("R751") * v.r("R752") / (v.r("R751") + v.r("R752"))
    back_feed = 5.1 * v.r("R752") / (v.r("R751") + v.r("R752")) / tap_5v
    return [
        Figure("hold-up from 10 V", hold_up_ms(c, VIN_OFF), "min", 5.0, "ms", 1.5, "issue: 5 ms"),
        Figure("hold-up from 12 V", hold_up_ms(c, 12.0), "min", 10.0, "ms", 1.0, "break of 5 ms"),
        Figure("hold-up covers a page program", hold_up_ms(c, VIN_OFF), "min", 3.0, "ms", 2.0,
               "W25Q16JV, 3 ms worst"),
        Figure("insertion peak", peak, "max", 6.0, "A", 0.2, "slot contacts, 1.1 A each, 1 ms"),
        Figure("energy in R401 at insertion", energy * 1e3, "max", 100.0, "mJ", 0.5,
               "unverified pulse curve"),
        Figure("insertion time constant", v.r("R401") * c * 1e3, "max", 5.0, "ms", 0.5, "RC"),
        Figure("3.3 V lifted through the clamp by the compute unit's 5 V",
               back_feed * v.r("R402"), "max", 1.6, "V", 0.25, "MCP130 and logic stay reset"),
        Figure("clamp current at a reversed busbar", 20.0 / v.r("R761") * 1e3, "max", 10.0, "mA",
               0.9, "BAT54S 200 mA; RP2040 none"),
        Figure("ADC divider full scale over the cut-off",
               3.3 * (1 + v.r("R761") / v.r("R762")), "min", 23.3, "V", 0.15, "eFuse OVP"),
        Figure("ADC filter, highest source", 1e-3 / (6.2832 * 10e3 * v.c("C771")), "max", 5.0,
               "kHz", 0.2, "recorder at 10 kS/s"),
    ]  # fmt: skip
