"""The 5.1 V regulator. TI SLUSEP7 = LMR51450 data sheet."""

from math import sqrt

from .figures import Figure, Values, load

F, VREF, VREF_SPREAD = 500e3, 0.8, 0.01  # Hz, V
RESISTOR_SPREAD = 0.005
L, L_SPREAD = 4.7e-6, 0.2
PEAK_LIMIT_MIN = 6.4  # A, high side
RDS_HIGH, RDS_LOW, HOT = 78e-3, 45e-3, 1.4  # ohm, rise of resistance at 100 C
SWITCHING_W = 0.4  # estimate from SLUSEP7's efficiency curves
RTH = 30.0  # K/W, between TI's board (23) and JEDEC (47)
DCR, RMS_MAX = 40e-3, 5.5  # ohm at most, A for 40 K: Bourns SRP7028A
AMBIENT, JUNCTION_MAX = 45.0, 150.0
BIAS = 0.60  # what is left of 47 uF X5R 1210 at 5 V, unverified
ESR = 2.5e-3
LOAD, STEP = 5.0, 2.5  # full load and step, A
TABLE_L = 4.7e-6  # SLUSEP7 table 9-2, 5 V 500 kHz
TABLE_C = 66e-6


def output(v: Values) -> float:
    return VREF * (1 + v.r("R303") / v.r("R304"))


def ripple_current(vin: float, vout: float) -> float:
    return vout * (vin - vout) / (vin * L * F)


def chip_loss(vout: float) -> float:
    """Watts in the regulator at full load from 12 V."""
    duty = vout / 12.0
    return HOT * LOAD**2 * (RDS_HIGH * duty + RDS_LOW * (1 - duty)) + SWITCHING_W


def efficiency(v: Values) -> float:
    """Of the whole stage, rail against VEF, at full load from 12 V."""
    out = output(v) * LOAD
    lost = chip_loss(output(v)) + LOAD**2 * (DCR + v.r("R306"))
    return out / (out + lost)


def figures() -> list[Figure]:
    v = Values(load("bmc_rp2040_r1"))
    vout = output(v)
    ratio = v.r("R303") / v.r("R304")
    low = VREF * (1 - VREF_SPREAD) * (1 + ratio * (1 - RESISTOR_SPREAD) / (1 + RESISTOR_SPREAD))
    high = VREF * (1 + VREF_SPREAD) * (1 + ratio * (1 + RESISTOR_SPREAD) / (1 - RESISTOR_SPREAD))
    di = ripple_current(21.0, vout)
    c = BIAS * (v.c("C306") + v.c("C307") + v.c("C308"))
    ripple = di / (8 * F * c) + ESR * di
    loss = chip_loss(vout)
    cin_rms = LOAD * sqrt(0.5 * 0.5)  # worst at half duty
    on = 1.25 * (v.r("R301") + v.r("R302")) / v.r("R302")
    step_drop = 0.5 * 6 * STEP / (F * c)  # six cycles until the loop answers, SLUSEP7 9.2
    ff_zero = 1 / (6.2832 * v.c("C309") * (v.r("R303") + v.r("R305")))
    table_zero = 1 / (6.2832 * 33e-12 * (100e3 + 1e3))
    return [
        Figure("output, lowest", low, "min", 4.90, "V", 0.01, "Pi under-voltage at 4.63 V + 5 %"),
        Figure("output, highest", high, "max", 5.25, "V", 0.002, "HAT guide, 5 V + 5 %"),
        Figure("peak current of the inductor at 5 A, 21 V", LOAD + di / 2, "max",
               PEAK_LIMIT_MIN, "A", 0.05, "SLUSEP7"),
        Figure("saturation of the inductor over the peak limit's maximum", 10.0, "min", 9.6, "A",
               0.03, "Bourns SRP7028A"),
        Figure("inductor current at full load", sqrt(LOAD**2 + di**2 / 12), "max", RMS_MAX, "A",
               0.05, "Bourns SRP7028A, 40 K"),
        Figure("inductance against table 9-2", abs(L - TABLE_L) / TABLE_L, "max", L_SPREAD, "",
               0.5, "SLUSEP7 table 9-2: internal compensation"),
        Figure("effective output capacitance against table 9-2", c * 1e6, "min", TABLE_C * 1e6,
               "uF", 0.2, "SLUSEP7 table 9-2; bias derating unverified"),
        Figure("feed-forward zero against the data sheet's", abs(ff_zero / table_zero - 1), "max",
               0.2, "", 0.2, "SLUSEP7 table 9-2, 33 pF with 100 k"),
        Figure("output ripple at 21 V", ripple * 1e3, "max", 20.0, "mVpp", 0.4, "ADC noise budget"),
        Figure("drop in a step of 2.5 A", step_drop * 1e3, "max", 255.0, "mV", 0.2, "5 % of 5.1 V"),
        Figure("input capacitors' ripple current each", cin_rms / 2, "max", 3.0, "A", 0.4,
               "10 uF 1210 X7R, 10 K rise, unverified"),
        Figure("enable threshold under the eFuse's off threshold", on, "max", 10.0, "V", 0.01,
               "EN 1.25 V, SLUSEP7"),
        Figure("on-time at 21 V over the minimum", vout / 21.0 / F * 1e9, "min", 75.0, "ns", 1.0,
               "SLUSEP7 ton-min"),
        Figure("loss in the regulator at 5 A from 12 V", loss, "max", 3.0, "W", 0.1, "conduction"),
        Figure("junction at 5 A, 45 C", AMBIENT + RTH * loss, "max", JUNCTION_MAX, "C", 0.1,
               "30 K/W needs 12 cm2 of ground and nine vias, unverified"),
        Figure("efficiency of the stage at 5 A", efficiency(v), "min", 0.85, "", 0.02,
               "regulator, inductor and output shunt"),
    ]  # fmt: skip
