"""The circuit of the backplane: five slots, two ways in, and what the RMC needs."""

from racklet_pcb import parts
from racklet_pcb.circuit import OPEN, Circuit
from racklet_pcb.own_symbols import UNUSED

SLOTS = range(1, 6)


def straps(slot: int) -> dict[str, str | None]:
    """Slot number in binary: a strap to ground is 0, an open one is 1."""
    return {f"SLOT{bit}": OPEN if slot >> bit & 1 else "GND" for bit in range(4)}


def slots(c: Circuit) -> None:
    c.sheet("slots", "Slots")
    for n in SLOTS:
        c.block(f"Slot {n}", "NOT PCI Express: busbar on the lanes.")
        wiring: dict[str, str | None] = {
            "BUSBAR": f"SLOT{n}_V",
            "GND": "GND",
            # Presence: the card pulls A1 up and grounds B31; the loop closes when both are seated.
            "PRES_A": f"SLOT{n}_PRES",
            "PRES_B": f"SLOT{n}_PRES",
            "SMBCLK": "BUS_SCL",
            "SMBDAT": "BUS_SDA",
            "SMBALERT": "BUS_ALERT_N",
            **straps(n),
            **dict.fromkeys(UNUSED, OPEN),
        }
        c.ic(f"J{n}", "slot socket", wiring)
        c.two(f"F{n}", "fuse 5A", "BUSBAR", f"SLOT{n}_V")


def power(c: Circuit) -> None:
    c.sheet("input", "Power input")
    c.block(
        "USB-PD sink, 20 V 5 A",
        "100 W with an e-marked cable runs the rack under a power budget.\n"
        "The memory of U1 must be written for 20 V 5 A over the SMBus (address 0x28).\n"
        "Q1 joins only after the contract; U2 keeps the other input out of the cable.",
    )
    c.ic(
        "J6",
        "USB-C",
        {
            "VBUS": "PD_VBUS",
            "GND": "GND",
            "CC1": "PD_CC1",
            "CC2": "PD_CC2",
            "D-": OPEN,
            "D+": OPEN,
            "SBU1": OPEN,
            "SBU2": OPEN,
            "SHIELD": "GND",
        },
    )
    c.ic(
        "U1",
        "STUSB4500",
        {
            "RESET": "GND",
            "CC1": "PD_CC1",
            "CC1DB": "PD_CC1",
            "CC2": "PD_CC2",
            "CC2DB": "PD_CC2",
            "VBUS_VS_DISCH": "PD_SENSE",
            "SCL": "BUS_SCL",
            "SDA": "BUS_SDA",
            "ALERT": OPEN,
            "ADDR0": "GND",
            "ADDR1": "GND",
            "NC": OPEN,
            "VDD": "PD_VBUS",
            "VSYS": "GND",
            "GND": "GND",
            "VREG_1V2": "PD_1V2",
            "VREG_2V7": "PD_2V7",
            "VBUS_EN_SNK": "PD_EN_N",
            "POWER_OK2": OPEN,
            "POWER_OK3": OPEN,
            "DISCH": "PD_DISCH",
            "A_B_SIDE": OPEN,
            "ATTACH": OPEN,
            "GPIO": OPEN,
        },
    )
    c.two("C1", "C 4u7 50V", "PD_VBUS", "GND")
    c.two("C2", "C 1u", "PD_1V2", "GND")
    c.two("C3", "C 1u", "PD_2V7", "GND")
    c.two("R1", "R 470R", "PD_SENSE", "PD_SWITCHED")
    c.two("R2", "R 470R", "PD_DISCH", "PD_VBUS")
    c.ic("Q1", "AO4407A", {"S": "PD_VBUS", "G": "PD_GATE", "D": "PD_SWITCHED"})
    c.two("R3", "R 100k", "PD_VBUS", "PD_GATE")
    c.two("R4", "R 22k", "PD_GATE", "PD_EN_N")
    c.two("C4", "C 100n 50V", "PD_VBUS", "PD_GATE")
    c.two("D4", "SMCJ22CA", "PD_VBUS", "GND")
    c.block(
        "Laptop supply or 150 W brick, 12 to 20 V",
        "U3 and Q3 block a reversed plug and the other input.",
    )
    c.ic("J7", "XT30", {"1": "GND", "2": "DC_IN"})
    for unit, fet, cap, source, charge, gate in (
        ("U2", "Q2", "C5", "PD_SWITCHED", "PD_CP", "PD_DIODE_GATE"),
        ("U3", "Q3", "C6", "DC_IN", "DC_CP", "DC_GATE"),
    ):
        c.ic(
            unit,
            "LM74700",
            {
                "ANODE": source,
                "EN": source,
                "VCAP": charge,
                "GATE": gate,
                "CATHODE": "VIN_OR",
                "GND": "GND",
            },
        )
        c.ic(fet, "BSC028N06", {"S": source, "G": gate, "D": "VIN_OR"})
        c.two(cap, "C 100n 50V", charge, source)
    c.block("Main fuse, clamp, bulk", "Fit 10 A with a 20 V supply, 15 A with 12 V.")
    c.two("F6", "fuse main", "VIN_OR", "BUSBAR")
    c.two("D1", "SMCJ22CA", "BUSBAR", "GND")
    c.two("C7", "C 470u 35V", "BUSBAR", "GND")
    c.two("C8", "C 470u 35V", "BUSBAR", "GND")
    c.two("R5", "R 10k", "BUSBAR", "LED_BUS")
    c.two("D2", "LED green", "GND", "LED_BUS")


def management(c: Circuit) -> None:
    c.sheet("rmc", "Rack management controller, fan")
    c.block("RMC header", "Bus pull-ups run from the RMC's 3.3 V: no RMC, no bus.")
    c.ic(
        "J8",
        "header 2x5",
        {
            "1": "RMC_3V3",
            "2": "GND",
            "3": "BUS_SDA",
            "4": "GND",
            "5": "BUS_SCL",
            "6": "GND",
            "7": "BUS_ALERT_N",
            "8": "FAN_PWM",
            "9": "GND",
            "10": "FAN_TACHO",
        },
    )
    c.two("R6", "R 4k7", "RMC_3V3", "BUS_SDA")
    c.two("R7", "R 4k7", "RMC_3V3", "BUS_SCL")
    c.two("R8", "R 10k", "RMC_3V3", "BUS_ALERT_N")
    c.ic(
        "D3",
        "SP0504",
        {"A": "GND", "1": "BUS_SDA", "3": "BUS_SCL", "4": "BUS_ALERT_N", "5": "FAN_TACHO"},
    )
    c.block("Fan, 5 V", "25 kHz PWM through an open drain, two pulses a turn.")
    c.ic(
        "J10",
        "fan header",
        {"-": "GND", "+": "RMC_5V", "Tacho": "FAN_TACHO_IN", "PWM": "FAN_DRIVE"},
    )
    c.ic("Q4", "2N7002", {"G": "FAN_PWM", "D": "FAN_DRIVE", "S": "GND"})
    c.two("R9", "R 100k", "FAN_PWM", "GND")
    c.two("R10", "R 1k", "FAN_TACHO_IN", "FAN_TACHO")
    c.two("R11", "R 10k", "RMC_3V3", "FAN_TACHO")
    c.block("5 V for RMC and fan", "The BMC board's regulator once more.")
    c.ic(
        "U4",
        "LMR51450",
        {
            "VIN": "BUSBAR",
            "EN": "RMC_EN",
            "RT": OPEN,
            "PG": OPEN,
            "BOOT": "RMC_BOOT",
            "SW": "RMC_SW",
            "FB": "RMC_FB",
            "AGND": "GND",
            "PGND": "GND",
        },
    )
    c.two("C9", "C 10u 50V", "BUSBAR", "GND")
    c.two("C10", "C 100n 50V", "BUSBAR", "GND")
    c.two("C11", "C 100n", "RMC_BOOT", "RMC_SW")
    c.two("L1", "L 4u7 10A", "RMC_SW", "RMC_5V")
    c.two("C12", "C 47u", "RMC_5V", "GND")
    c.two("C13", "C 47u", "RMC_5V", "GND")
    c.two("C14", "C 47u", "RMC_5V", "GND")
    c.two("R12", "R 100k", "BUSBAR", "RMC_EN")
    c.two("R13", "R 14k7", "RMC_EN", "GND")
    c.two("R14", "R 80k6 0.5%", "RMC_5V", "RMC_FB")
    c.two("R15", "R 15k0 0.5%", "RMC_FB", "GND")
    c.two("R16", "R 1k", "RMC_5V", "RMC_FF")
    c.two("C15", "C 39p", "RMC_FF", "RMC_FB")
    c.ic("J9", "JST-VH2", {"1": "RMC_5V", "2": "GND"})
    c.block("Test points, holes")
    for k, net in enumerate(
        ("BUSBAR", "GND", "BUS_SDA", "BUS_SCL", "BUS_ALERT_N", "RMC_5V", "VIN_OR"), 1
    ):
        c.ic(f"TP{k}", "test point", {"1": net})
    for k in range(1, 9):
        c.ic(f"H{k}", "hole M3", {})


def build() -> Circuit:
    """The whole circuit. Raises CircuitError or PartsError when it contradicts itself."""
    c = Circuit("backplane_r1", "Racklet backplane", "r1", parts.load())
    c.driven = ["GND", "PD_VBUS", "PD_SWITCHED", "DC_IN", "BUSBAR"]
    slots(c)
    power(c)
    management(c)
    return c
