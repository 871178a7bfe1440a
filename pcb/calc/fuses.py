"""Who opens first: eFuse, slot fuse, main fuse; and what a fuse survives a hundred thousand times.

A fuse is aged by pulses over 22 % of its melting integral at 100,000 pulses, 48 % at 100
(Littelfuse, fuse selection guide, chart 2).
"""

from .efuse import CLAMP_V
from .figures import Figure, Values, load

SLOT_MELTING = 5.0  # A2s, 0451005 nominal melting integral, unverified; taken low
SLOT_CLEARING = 15.0  # A2s, melting and arc, three times that, unverified
MAIN_MELTING = 45.0  # A2s, 10 A mini blade (297 series), unverified
AGED_100K, AGED_100 = 0.22, 0.48
PULSE_S = 25e-3  # how long the TPS26631 lets twice its limit through, unverified
HOLD_A, HOLD_HOT = 0.5, 0.7  # polyfuse, and what is left of it at 60 C, unverified
STANDBY_W, VIN_OFF = 0.33 / 0.85, 10.0


def figures() -> list[Figure]:
    bmc = Values(load("bmc_rp2040_r1"))
    limit = 18e3 / bmc.r("R205") * 1.08
    tau = bmc.r("R401") * bmc.c("C401")
    insertion = (20.0 / bmc.r("R401")) ** 2 * tau / 2
    standby = STANDBY_W / (VIN_OFF - 1.4)
    return [
        Figure("insertion through the slot fuse", insertion, "max", AGED_100K * SLOT_MELTING, "A2s",
               0.9, "100,000 insertions; melting integral unverified"),
        Figure("an eFuse's pulse at twice its limit through the slot fuse",
               (2 * limit) ** 2 * PULSE_S, "max", AGED_100 * SLOT_MELTING, "A2s", 0.4,
               "100 pulses; unverified length and melting integral"),
        Figure("slot fuse clears before the 10 A main fuse melts", SLOT_CLEARING, "max",
               MAIN_MELTING, "A2s", 0.5, "selectivity; both integrals unverified"),
        Figure("clamp under the polyfuse's 40 V", CLAMP_V, "max", 40.0, "V", 0.1,
               "Bourns MF-MSMF050/40X"),
        Figure("standby current under the hot polyfuse F401", standby, "max", HOLD_A * HOLD_HOT,
               "A", 0.5, "unverified derating at 60 C"),
    ]  # fmt: skip
