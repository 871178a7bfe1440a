"""Input: eFuse limits, start-up, clamp, blocking FET. TI SLVSE94 = TPS2663 data sheet."""

from math import log

from .figures import Figure, Values, load

LIMIT_A_KOHM = 18.0  # I = 18 / R(kOhm), SLVSE94 8.3.4
LIMIT_SPREAD = 0.08
THRESHOLD, THRESHOLD_SPREAD = 1.2, 0.02  # UVLO and OVP rising, V
UVLO_FALLING = 1.122  # V, unverified
SLEW_S_PER_V_F = 20.8e3  # t = 20.8e3 V C, SLVSE94 8.3.2
IMON_GAIN = 27.9e-6  # A/A
RON = 31e-3  # ohm
CLAMP_V = 35.5  # SMBJ22CA at 16.9 A, unverified
BREAKDOWN_MIN_V = 24.4
LOAD_W, EFFICIENCY, VIN_MIN = 25.0, 0.87, 11.13  # efficiency: calc.buck
IDLE_A = 0.26  # at 12 V: an idle Raspberry Pi 4, 2.7 W
SOURCE_OHM = 60e-3  # of supply and busbar, seen by all slots together, unverified
LOGIC_LOW, LOGIC_FALL, LOGIC_RISE = 0.8, 1.2, 2.0  # V, 74LVC1G97 at 3.3 V
SOA_W_S = 0.25  # TPS2663 start-up into load at 20 V: energy of one soft start, unverified


def figures() -> list[Figure]:
    v = Values(load("bmc_rp2040_r1"))
    limit = LIMIT_A_KOHM / (v.r("R205") / 1e3)
    low, high = limit * (1 - LIMIT_SPREAD), limit * (1 + LIMIT_SPREAD)
    need = LOAD_W / EFFICIENCY / VIN_MIN
    ladder = v.r("R202") + v.r("R203") + v.r("R204")
    uvlo = THRESHOLD * ladder / (v.r("R203") + v.r("R204"))
    ovp = THRESHOLD * ladder / v.r("R204")
    behind = v.c("C204") + v.c("C301") + v.c("C302") + v.c("C304")
    slew = 1 / (SLEW_S_PER_V_F * v.c("C203"))  # V/s
    inrush = behind * slew
    imon = IMON_GAIN * v.r("R206")
    pgth = THRESHOLD * (v.r("R207") + v.r("R208")) / v.r("R208")
    ceramic_before = v.c("C202")
    fault_low = 3.3 * v.r("R215") / (v.r("R211") + v.r("R215"))
    fall = v.r("R211") * v.r("R215") / (v.r("R211") + v.r("R215")) * v.c("C205")
    sit_out = fall * log((3.3 - fault_low) / (LOGIC_FALL - fault_low))
    recover = v.r("R211") * v.c("C205") * log((3.3 - fault_low) / (3.3 - LOGIC_RISE))
    dip = 20.0 / v.r("R401") * SOURCE_OHM
    arming = v.r("R503") * v.c("C503")
    shdn_low = 2.0  # V, SHDN rising threshold (SLVSE94), against R209 and the pull-up current
    return [
        Figure("current limit, lowest, over 25 W at 11.1 V", low, "min", need, "A", 0.15,
               "SLVSE94"),
        Figure("current limit, highest, under the contacts", high, "max", 12 * 1.1, "A", 0.5,
               "12 fingers of 1.1 A, PCI Express CEM"),
        Figure("on threshold, highest", uvlo * (1 + THRESHOLD_SPREAD), "max", 11.2, "V", 0.005,
               "boards LIMITS vin_min"),
        Figure("on threshold over 5 V of a renegotiating USB-PD supply", uvlo, "min", 5.5, "V",
               0.5, "USB-PD hard reset falls back to 5 V"),
        Figure("off threshold", UVLO_FALLING * uvlo / THRESHOLD, "max", uvlo, "V", 0.05,
               "unverified falling threshold"),
        Figure("over-voltage cut, lowest, over 20 V + 5 %", ovp * (1 - THRESHOLD_SPREAD), "min",
               21.0, "V", 0.04, "USB-PD 20 V tolerance"),
        Figure("over-voltage cut, highest, under the clamp's breakdown",
               ovp * (1 + THRESHOLD_SPREAD), "max", BREAKDOWN_MIN_V, "V", 0.02, "SMBJ22CA"),
        Figure("clamp under the eFuse's 60 V", CLAMP_V, "max", 60.0, "V", 0.3, "SLVSE94"),
        Figure("clamp under the regulator's 38 V absolute maximum (eFuse open)", CLAMP_V, "max",
               38.0, "V", 0.05, "SLUSEP7"),
        Figure("slew at start", slew / 1e3, "max", 5.0, "V/ms", 0.3, "SLVSE94 8.3.2"),
        Figure("inrush behind the eFuse", inrush, "max", low, "A", 0.5, "C dV/dt"),
        Figure("energy in the eFuse of one start at 20 V", 0.5 * behind * 20.0**2, "max", SOA_W_S,
               "J", 0.5, "unverified start-up energy"),
        Figure("IMON at the highest limit, under the ADC", high * imon, "max", 3.3, "V", 0.3,
               "RP2040 ADC"),
        Figure("IMON in a 2x pulse, under the pin's ceiling", 2 * limit * imon, "max", 3.3, "V",
               0.1, "unverified IMON ceiling"),
        Figure("power-good threshold over the regulator's start", pgth, "min", 9.8, "V", 0.02,
               "EN divider"),
        Figure("bare ceramic before the eFuse", ceramic_before * 1e6, "max", 1.0, "uF", 0.5,
               "hot-plug ringing doubles the step"),
        Figure("damper resistance against the source's wave impedance", v.r("R201"), "min",
               (1e-6 / 10e-6) ** 0.5, "ohm", 0.5, "1 uH of rack wiring, 10 uF"),
        Figure("SHDN held low by R209 against the internal pull-up", v.r("R209") * 10e-6, "max",
               shdn_low, "V", 0.5, "unverified pull-up of 10 uA"),
        Figure("reverse current while a neighbour is inserted, under the fault filter",
               behind * dip / IDLE_A * 1e3, "max", sit_out * 1e3, "ms", 0.5,
               "FLT falls at reverse current: TI E2E 1091112; 60 mOhm of source unverified"),
        Figure("fault level at the gate", fault_low, "max", LOGIC_LOW, "V", 0.2, "74LVC1G97"),
        Figure("fault line recovers before it is armed", recover * 1e3, "max", arming * 1e3, "ms",
               0.5, "R503, C503"),
        Figure("loss of the eFuse at 2.5 A", 2.5**2 * RON * 1.4, "max", 1.0, "W", 0.5, "SLVSE94"),
    ]  # fmt: skip
