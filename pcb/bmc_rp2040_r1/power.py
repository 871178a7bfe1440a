"""Sheets of the power path: busbar input and eFuse, 5.1 V regulator, standby supply.

Component values are justified in pcb/calc, which checks them with margins.
"""

from racklet_pcb.circuit import OPEN, Circuit


def busbar_input(c: Circuit) -> None:
    c.sheet("input", "Busbar input and eFuse")
    c.block(
        "Surge clamp and hot-plug damper",
        "Bidirectional clamp: a reversed busbar does not blow the slot fuse.\n"
        "Under 1 uF of bare ceramic before the eFuse: ceramics double a hot-plug step.",
    )
    c.two("D201", "SMBJ22CA", "BUSBAR", "GND")
    c.two("C201", "C 10u 50V", "BUSBAR", "VIN_DAMP")
    c.two("R201", "R 1R damper", "VIN_DAMP", "GND")
    c.two("C202", "C 100n 50V", "EF_IN", "GND")
    c.block(
        "Reverse blocking",
        "TI SLVSE94 8.3.5, 8.3.6: Q201's body diode conducts first, then the driver closes it.\n"
        "Q202 empties its gate when the busbar collapses or reverses.",
    )
    c.ic("Q201", "BUK9M12", {"G": "RB_GATE", "D": "VIN", "S": "BUSBAR"})
    c.ic("Q202", "BSS138", {"G": "RB_DRV", "D": "RB_GATE", "S": "BUSBAR"})
    c.block(
        "Input shunt",
        "Before the standby tap: what the monitor counts is all that the unit takes.\n"
        "Behind the blocking FET: INA228 inputs stand -0.3 V at most, so a reversed busbar\n"
        "must not reach them.",
    )
    c.two("R213", "R 10m shunt", "VIN", "EF_IN")
    c.block(
        "eFuse",
        "Limit 18/5.49k = 3.28 A. On above 10.7 V, off above 22.8 V. Slew 2.2 V/ms.\n"
        "MODE open: latches off. SHDN pulls itself up: R209 keeps it off until the latch drives.\n"
        "No capacitor on ILIM or IMON (TI SLVSE94 8.3.9).",
    )
    c.ic(
        "U3",
        "TPS26631",
        {
            "IN": "EF_IN",
            "IN_SYS": "BUSBAR",
            "B_GATE": "RB_GATE",
            "DRV": "RB_DRV",
            "UVLO": "EF_UVLO",
            "OVP": "EF_OVP",
            "~{SHDN}": "EF_SHDN_N",
            "MODE": OPEN,
            "OUT": "VEF",
            "PGTH": "EF_PGTH",
            "PGOOD": "PG_ALL",
            "~{FLT}": "EF_FLT_RAW_N",
            "IMON": "EF_IMON",
            "ILIM": "EF_ILIM",
            "dVdT": "EF_DVDT",
            "GND": "GND",
            "EP": "GND",
        },
    )
    c.two("R202", "R 169k", "EF_IN", "EF_UVLO")
    c.two("R203", "R 11k3", "EF_UVLO", "EF_OVP")
    c.two("R204", "R 10k", "EF_OVP", "GND")
    c.two("R205", "R 5k49", "EF_ILIM", "GND")
    c.two("C203", "C 22n", "EF_DVDT", "GND")
    c.two("R206", "R 15k", "EF_IMON", "GND")
    c.two("R207", "R 75k", "VEF", "EF_PGTH")
    c.two("R208", "R 10k", "EF_PGTH", "GND")
    c.two("R209", "R 10k", "EF_SHDN_N", "GND")
    c.two("R210", "R 1k", "LATCH_Q", "EF_SHDN_N")
    c.two("R212", "R 10k", "+3V3", "PG_ALL")
    c.two("R214", "R 10k", "VEF", "GND")
    c.two("C204", "C 1u 50V", "VEF", "GND")
    c.block(
        "Fault filter",
        "FLT also falls for a moment when a neighbour's insertion dips the busbar under VEF\n"
        "(reverse current). 0.6 ms sit that out; an eFuse that tripped stays low until cleared.",
    )
    c.two("R211", "R 22k", "+3V3", "EF_FLT_N")
    c.two("R215", "R 4k7", "EF_FLT_N", "EF_FLT_RAW_N")
    c.two("C205", "C 100n", "EF_FLT_N", "GND")


def regulator(c: Circuit) -> None:
    c.sheet("regulator", "5.1 V 5 A regulator")
    c.block(
        "Buck converter",
        "500 kHz (RT open), forced PWM. Compensated inside: L and C as in TI SLUSEP7 table 9-2.\n"
        "Enabled above 9.8 V, so it never starts on a collapsed busbar.",
    )
    c.ic(
        "U4",
        "LMR51450",
        {
            "VIN": "VEF",
            "EN": "BUCK_EN",
            "RT": OPEN,
            "PG": "PG_ALL",
            "BOOT": "BUCK_BOOT",
            "SW": "BUCK_SW",
            "FB": "BUCK_FB",
            "AGND": "GND",
            "PGND": "GND",
        },
    )
    c.two("C301", "C 10u 50V", "VEF", "GND")
    c.two("C302", "C 10u 50V", "VEF", "GND")
    c.two("C303", "C 100n 50V", "VEF", "GND")
    c.two("C304", "C 100u 35V", "VEF", "GND")
    c.two("R301", "R 100k", "VEF", "BUCK_EN")
    c.two("R302", "R 14k7", "BUCK_EN", "GND")
    c.two("C305", "C 100n", "BUCK_BOOT", "BUCK_SW")
    c.two("L1", "L 4u7 10A", "BUCK_SW", "BUCK_OUT")
    c.two("C306", "C 47u", "BUCK_OUT", "GND")
    c.two("C307", "C 47u", "BUCK_OUT", "GND")
    c.two("C308", "C 47u", "BUCK_OUT", "GND")
    c.block(
        "Feedback",
        "0.8 V (1 + 80.6k/15.0k) = 5.099 V, sensed behind the shunt at the header:\n"
        "the 25 mV of the shunt are inside the loop.",
    )
    c.two("R303", "R 80k6 0.5%", "+5V", "BUCK_FB")
    c.two("R304", "R 15k0 0.5%", "BUCK_FB", "GND")
    c.two("R305", "R 1k", "+5V", "BUCK_FF")
    c.two("C309", "C 39p", "BUCK_FF", "BUCK_FB")
    c.block("Output shunt", "25 mV at 5 A.")
    c.two("R306", "R 5m shunt", "BUCK_OUT", "+5V")
    c.block(
        "Discharge",
        "DISCHG AND NOT latch, in hardware: never with the rail enabled.\n"
        "33 Ohm empties the rail in 35 ms; stuck on it is 0.8 W, inside the rating.",
    )
    c.ic(
        "U14",
        "74LVC1G08",
        {"1": "DISCHG", "2": "LATCH_Q_N", "4": "DISCHG_GATE", "VCC": "+3V3", "GND": "GND"},
    )
    c.two("C310", "C 100n", "+3V3", "GND")
    c.two("R307", "R 100k", "DISCHG", "GND")
    c.ic("Q301", "AO3400A", {"G": "DISCHG_GATE", "D": "DISCHG_R", "S": "GND"})
    c.two("R308", "R 33R 1W", "+5V", "DISCHG_R")
    c.block("5 V present")
    c.two("R309", "R 1k5", "+5V", "LED_5V")
    c.two("D301", "LED green", "GND", "LED_5V")


def standby(c: Circuit) -> None:
    c.sheet("standby", "Standby 3.3 V and hold-up")
    c.block(
        "Busbar to hold-up",
        "Taken before the eFuse: the BMC lives whether or not its compute unit is on;\n"
        "and behind the input shunt, so that it is metered.\n"
        "R401 limits the insertion peak to 4.3 A; D401 keeps the charge when the busbar is gone.",
    )
    c.two("F401", "PTC 0A5", "EF_IN", "STBY_F")
    c.two("R401", "R 4R7 pulse", "STBY_F", "STBY_R")
    c.two("D401", "SS34", "VHOLD", "STBY_R")
    c.two("C401", "C 220u 35V", "VHOLD", "GND")
    c.two("D402", "SS34", "STBY_IN", "VHOLD")
    c.two("D403", "SS34", "STBY_IN", "USB_VBUS")
    c.block(
        "3.3 V",
        "220 uF hold the standby supply 15 ms from 10 V. R402 bleeds what leaks in through the\n"
        "ADC clamps while 3.3 V is off.",
    )
    c.ic(
        "U5",
        "AP63203",
        {
            "IN": "STBY_IN",
            "EN": "STBY_IN",
            "GND": "GND",
            "SW": "STBY_SW",
            "BST": "STBY_BST",
            "FB": "+3V3",
        },
    )
    c.two("C402", "C 10u 50V", "STBY_IN", "GND")
    c.two("C403", "C 100n", "STBY_BST", "STBY_SW")
    c.two("L401", "L 4u7 2A", "STBY_SW", "+3V3")
    c.two("C404", "C 22u", "+3V3", "GND")
    c.two("C405", "C 22u", "+3V3", "GND")
    c.two("R402", "R 2k2", "+3V3", "GND")
    c.two("R403", "R 1k", "+3V3", "LED_3V3")
    c.two("D404", "LED green", "GND", "LED_3V3")
