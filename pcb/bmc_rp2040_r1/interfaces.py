"""Sheets of what leads out of the board: slot, compute unit, sensors and test points."""

from racklet_pcb.circuit import OPEN, Circuit
from racklet_pcb.own_symbols import UNUSED


def slot(c: Circuit) -> None:
    c.sheet("slot", "Backplane slot")
    c.block(
        "Card edge",
        "NOT PCI Express. Three finger lengths: ground and busbar first, bus next, presence last.\n"
        "The presence loop runs A1 - backplane - B31: either end lifting opens it.",
    )
    wiring: dict[str, str | None] = {
        "BUSBAR": "BUSBAR",
        "GND": "GND",
        "PRES_A": "SLOT_PRES",
        "PRES_B": "GND",
        "SLOT0": "STRAP0",
        "SLOT1": "STRAP1",
        "SLOT2": "STRAP2",
        "SLOT3": "STRAP3",
        "SMBCLK": "BUS_SCL",
        "SMBDAT": "BUS_SDA",
        "SMBALERT": "BUS_ALERT_N",
    }
    wiring |= dict.fromkeys(UNUSED, OPEN)
    c.ic("J1", "card edge", wiring)
    c.block("Slot straps", "To ground on the backplane = 0; open = 1. 1111: no backplane.")
    for k in range(4):
        c.two(f"R10{k + 1}", "R 100R", f"STRAP{k}", f"SLOT{k}")
    c.block(
        "Presence",
        "Low when both ends are seated. 1 nF and the pull-up filter 10 us; open clears the latch.",
    )
    c.two("R105", "R 1k", "SLOT_PRES", "PRES_N")
    c.two("R106", "R 10k", "+3V3", "PRES_N")
    c.two("C101", "C 1n", "PRES_N", "GND")
    c.block(
        "SMBus",
        "TCA4307: precharges to 1 V, joins only an idle bus, high impedance without power,\n"
        "lets go of a bus stuck low. IN is the backplane, OUT the card.",
    )
    c.ic(
        "U12",
        "TCA4307",
        {
            "SDAIN": "BUS_SDA",
            "SCLIN": "BUS_SCL",
            "EN": "SMB_EN",
            "GND": "GND",
            "SDAOUT": "SMB_SDA",
            "SCLOUT": "SMB_SCL",
            "READY": "SMB_READY",
            "VCC": "+3V3",
        },
    )
    c.ic(
        "D101",
        "SP0504",
        {"A": "GND", "1": "BUS_SDA", "3": "BUS_SCL", "4": "BUS_ALERT_N", "5": "SLOT_PRES"},
    )
    c.two("C102", "C 100n", "+3V3", "GND")
    c.two("R107", "R 10k", "+3V3", "SMB_EN")
    c.two("R108", "R 10k", "+3V3", "SMB_READY")
    c.two("R109", "R 4k7", "+3V3", "SMB_SDA")
    c.two("R110", "R 4k7", "+3V3", "SMB_SCL")
    c.block("SMBALERT#", "R111 keeps it quiet while the RP2040 is in reset.")
    c.ic("Q101", "2N7002", {"G": "SMBALERT_DRV", "D": "BUS_ALERT_N", "S": "GND"})
    c.two("R111", "R 100k", "SMBALERT_DRV", "GND")


PI_GROUND = (6, 9, 14, 20, 25, 30, 34, 39)


def compute_unit(c: Circuit) -> None:
    c.sheet("compute", "Compute unit")
    c.block("40-pin header", "All eight grounds and both 5 V pins are used: 2.5 A a pin.")
    wiring: dict[str, str | None] = {str(n): OPEN for n in range(1, 41)}
    wiring |= {str(n): "GND" for n in PI_GROUND}
    wiring |= {"2": "+5V", "4": "+5V", "1": "PI_3V3", "17": "PI_3V3"}
    wiring |= {"5": "PI_GPIO3", "8": "PI_GPIO14", "10": "PI_GPIO15", "37": "PI_GPIO26"}
    wiring |= {"27": "ID_SD", "28": "ID_SC"}
    c.ic("J2", "socket 40", wiring)
    c.block(
        "Console",
        "U15 runs from the compute unit's 3.3 V: the BMC cannot feed an unpowered one.\n"
        "The other way 1 k limits what flows into an unpowered RP2040.",
    )
    c.ic(
        "U15",
        "74LVC1G34",
        {"2": "PI_RXD", "4": "PI_GPIO15", "NC": OPEN, "VCC": "PI_3V3", "GND": "GND"},
    )
    c.two("C801", "C 100n", "PI_3V3", "GND")
    c.two("R801", "R 1k", "PI_GPIO14", "PI_TXD")
    c.block(
        "Shutdown",
        "Request: GPIO3 low (gpio-shutdown overlay). Halted: GPIO26 high (gpio-poweroff overlay).",
    )
    c.ic("Q801", "2N7002", {"G": "SHDN_REQ", "D": "PI_GPIO3", "S": "GND"})
    c.two("R802", "R 100k", "SHDN_REQ", "GND")
    c.two("R803", "R 1k", "PI_GPIO26", "PI_OFF")
    c.two("R804", "R 100k", "PI_OFF", "GND")
    c.block("HAT ID", "Write protected until JP801 is bridged. On the compute unit's ID bus only.")
    c.ic(
        "U16",
        "CAT24C32",
        {
            "A0": "GND",
            "A1": "GND",
            "A2": "GND",
            "VCC": "PI_3V3",
            "GND": "GND",
            "SDA": "ID_SD",
            "SCL": "ID_SC",
            "WP": "ID_WP",
        },
    )
    c.two("C802", "C 100n", "PI_3V3", "GND")
    c.two("R805", "R 3k9", "PI_3V3", "ID_SD")
    c.two("R806", "R 3k9", "PI_3V3", "ID_SC")
    c.two("R807", "R 1k", "PI_3V3", "ID_WP")
    c.two("JP801", "jumper open", "ID_WP", "GND")


def sensors(c: Circuit) -> None:
    c.sheet("sensors", "Sensors")
    # The voltage is taken where the power counts: at the load, and where it comes in.
    for ref, name, address, plus, minus, voltage, k in (
        ("U8", "Output monitor", 0x40, "BUCK_OUT", "+5V", "+5V", 1),
        ("U9", "Input monitor", 0x41, "VIN", "EF_IN", "VIN", 2),
    ):
        c.block(f"{name}, address 0x{address:02X}", "Kelvin: 10 R and 100 nF at the chip.")
        high, low = f"{ref}_INP", f"{ref}_INN"
        c.ic(
            ref,
            "INA228",
            {
                "Vbus": voltage,
                "Vin+": high,
                "Vin-": low,
                "VS": "+3V3",
                "GND": "GND",
                "A1": "GND",
                "A0": "GND" if address == 0x40 else "+3V3",
                "SDA": "LOC_SDA",
                "SCL": "LOC_SCL",
                "~{Alert}": "LOC_ALERT_N",
            },
        )
        c.two(f"R7{k}1", "R 10R", plus, high)
        c.two(f"R7{k}2", "R 10R", minus, low)
        c.two(f"C7{k}1", "C 100n", high, low)
        c.two(f"C7{k}2", "C 100n", "+3V3", "GND")
    c.block("Board temperature, 0x48", "Beside the regulator.")
    c.ic(
        "U10",
        "TMP1075",
        {
            "A0": "GND",
            "A1": "GND",
            "A2": "GND",
            "V+": "+3V3",
            "GND": "GND",
            "SDA": "LOC_SDA",
            "SCL": "LOC_SCL",
            "ALERT": "LOC_ALERT_N",
        },
    )
    c.two("C731", "C 100n", "+3V3", "GND")
    c.block("FRU EEPROM, 0x50", "Factory serial number at 0x58.")
    c.ic(
        "U11",
        "AT24CS32",
        {
            "A0": "GND",
            "A1": "GND",
            "A2": "GND",
            "VCC": "+3V3",
            "GND": "GND",
            "SDA": "LOC_SDA",
            "SCL": "LOC_SCL",
            "WP": "GND",
        },
    )
    c.two("C741", "C 100n", "+3V3", "GND")
    c.block("Local bus")
    c.two("R741", "R 4k7", "+3V3", "LOC_SDA")
    c.two("R742", "R 4k7", "+3V3", "LOC_SCL")
    c.two("R743", "R 10k", "+3V3", "LOC_ALERT_N")


def analogue(c: Circuit) -> None:
    c.sheet("analogue", "ADC inputs and test points")
    for k, (name, source, high, low) in enumerate(
        (
            ("V5", "+5V", "R 10k", "R 10k"),
            ("VIN", "BUSBAR", "R 75k", "R 10k"),
            ("IMON", "EF_IMON", "R 10k", None),
            ("VHOLD", "VHOLD", "R 75k", "R 10k"),
        ),
        start=5,
    ):
        tap = f"TAP_{name}"
        c.block(
            f"ADC {name}",
            "GPIO26-29 are not fault tolerant: clamp, then 1 k." if k == 5 else "",
        )
        c.ic(f"D7{k}1", "BAT54S", {"A": "GND", "COM": tap, "K": "+3V3"})
        c.two(f"R7{k}1", high, source, tap)
        if low:
            c.two(f"R7{k}2", low, tap, "GND")
        c.two(f"C7{k}1", "C 10n", tap, "GND")
        c.two(f"R7{k}3", "R 1k", tap, f"ADC_{name}")
    c.block("Test points for the bench")
    for k, net in enumerate(TEST_POINTS, start=1):
        c.ic(f"TP{k}", "test point", {"1": net})
    c.block("Mounting holes")
    for k in range(1, 5):
        c.ic(f"H{k}", "hole M2.5", {})


TEST_POINTS = (
    *("BUSBAR", "EF_IN", "VEF", "+5V", "+3V3", "VHOLD", "GND", "GND", "GND"),
    *("EF_SHDN_N", "LATCH_Q", "LATCH_CLR_N", "LATCH_SET", "EF_FLT_N", "PG_ALL", "EF_IMON"),
    *("PRES_N", "SMB_SDA", "SMB_SCL", "SMB_READY", "RUN", "LOC_SDA", "LOC_SCL"),
)
