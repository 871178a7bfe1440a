"""Sheets of the controller: enable latch, RP2040 with flash and USB."""

from racklet_pcb.circuit import OPEN, Circuit

# Which GPIO each net is on. The firmware's table is boards/bmc_rp2040_r1/board.py; the two are
# written down apart and compared by racklet_pcb.truth.
GPIO: dict[str, str | None] = {
    "GPIO0": "DBG_TX",
    "GPIO1": "DBG_RX",
    "GPIO2": "LOC_SDA",
    "GPIO3": "LOC_SCL",
    "GPIO4": "SMB_SDA",
    "GPIO5": "SMB_SCL",
    "GPIO6": "SMBALERT_DRV",
    "GPIO7": "BTN_FACTORY_N",
    "GPIO8": "PI_RXD",
    "GPIO9": "PI_TXD",
    "GPIO10": "EF_FLT_N",
    "GPIO11": "PG_ALL",
    "GPIO12": "LOC_ALERT_N",
    "GPIO13": "PRES_N",
    "GPIO14": "LATCH_Q",
    "GPIO15": "LED_STATUS",
    "GPIO16": "LATCH_CLR",
    "GPIO17": "LATCH_SET",
    "GPIO18": "SLOT0",
    "GPIO19": "SLOT1",
    "GPIO20": "SLOT2",
    "GPIO21": "SLOT3",
    "GPIO22": "DISCHG",
    "GPIO23": "SHDN_REQ",
    "GPIO24": "PI_OFF",
    "GPIO25": "LED_FAULT",
    "GPIO26/ADC0": "ADC_V5",
    "GPIO27/ADC1": "ADC_VIN",
    "GPIO28/ADC2": "ADC_IMON",
    "GPIO29/ADC3": "ADC_VHOLD",
}


def latch(c: Circuit) -> None:
    c.sheet("latch", "Enable latch")
    c.block(
        "Latch",
        "Set by a rising edge on CLK, cleared by everything else through CLR, which dominates.\n"
        "A BMC reset only makes a falling edge on CLK: the rail keeps its state.",
    )
    c.ic(
        "U7",
        "74LVC1G74",
        {
            "D": "+3V3",
            "CLK": "LATCH_SET",
            "~{PRE}": "+3V3",
            "~{CLR}": "LATCH_CLR_N",
            "Q": "LATCH_Q",
            "~{Q}": "LATCH_Q_N",
            "VCC": "+3V3",
            "GND": "GND",
        },
    )
    c.two("C501", "C 100n", "+3V3", "GND")
    c.two("R501", "R 10k", "LATCH_SET", "GND")
    c.block(
        "Clear: any of these pulls LATCH_CLR_N low",
        "Power-on and 3.3 V brown-out (U6, its own 5 k pull-up), presence open (Q501),\n"
        "firmware or PIO (Q502), eFuse fault (D501).",
    )
    c.ic("U6", "MCP130", {"VDD": "+3V3", "VSS": "GND", "~{RST}": "LATCH_CLR_N"})
    c.two("C502", "C 100p", "LATCH_CLR_N", "GND")
    c.ic("Q501", "2N7002", {"G": "PRES_N", "D": "LATCH_CLR_N", "S": "GND"})
    c.ic("Q502", "2N7002", {"G": "LATCH_CLR", "D": "LATCH_CLR_N", "S": "GND"})
    c.two("R502", "R 10k", "LATCH_CLR", "GND")
    c.ic("D501", "BAT54W", {"K": "FLT_GATED", "A": "LATCH_CLR_N", "NC": OPEN})
    c.block(
        "Fault arming",
        "FLT is also low before the eFuse is up: it counts only 10 ms after the latch was set.\n"
        "In2 high selects In0 (off: no fault), low selects In1 (FLT).",
    )
    c.ic(
        "U13",
        "74LVC1G97",
        {
            "IN0": "+3V3",
            "IN1": "EF_FLT_N",
            "IN2": "FLT_ARM",
            "Y": "FLT_GATED",
            "VCC": "+3V3",
            "GND": "GND",
        },
    )
    c.two("R503", "R 100k", "LATCH_Q_N", "FLT_ARM")
    c.two("C503", "C 100n", "FLT_ARM", "GND")
    c.two("C504", "C 100n", "+3V3", "GND")


def controller(c: Circuit) -> None:
    c.sheet("controller", "RP2040, flash, USB, debug")
    c.block("RP2040")
    wiring: dict[str, str | None] = {
        **GPIO,
        "TESTEN": "GND",
        "RUN": "RUN",
        "USB_DM": "USB_DM_R",
        "USB_DP": "USB_DP_R",
        "~{QSPI_SS}": "QSPI_SS",
        "QSPI_SCLK": "QSPI_SCLK",
        "XIN": "XIN",
        "XOUT": "XOUT",
        "SWCLK": "SWCLK",
        "SWDIO": "SWDIO",
        "USB_VDD": "+3V3",
        "ADC_AVDD": "ADC_AVDD",
        "IOVDD": "+3V3",
        "GND": "GND",
        "VREG_VIN": "+3V3",
        "VREG_VOUT": "+1V1",
        "DVDD": "+1V1",
    }
    for k in range(4):
        wiring[f"QSPI_SD{k}"] = f"QSPI_SD{k}"
    c.ic("U1", "RP2040", wiring)
    for ref in ("C601", "C602", "C603", "C604", "C605", "C606", "C607"):
        c.two(ref, "C 100n", "+3V3", "GND")
    c.two("C608", "C 1u", "+3V3", "GND")
    c.two("C609", "C 1u", "+1V1", "GND")
    c.two("C610", "C 100n", "+1V1", "GND")
    c.two("C611", "C 100n", "+1V1", "GND")
    c.two("R601", "R 100R", "+3V3", "ADC_AVDD")
    c.two("C612", "C 2u2", "ADC_AVDD", "GND")
    c.two("R602", "R 10k", "+3V3", "RUN")
    c.two("C613", "C 1n", "RUN", "GND")
    c.block("Flash, BOOTSEL", "Hold BOOTSEL while plugging USB in: the RP2040 becomes a drive.")
    c.ic(
        "U2",
        "W25Q16",
        {
            "1": "QSPI_SS",
            "6": "QSPI_SCLK",
            "5": "QSPI_SD0",
            "2": "QSPI_SD1",
            "3": "QSPI_SD2",
            "7": "QSPI_SD3",
            "8": "+3V3",
            "4": "GND",
        },
    )
    c.two("C614", "C 100n", "+3V3", "GND")
    c.two("R603", "R 10k", "+3V3", "QSPI_SS")
    c.two("R604", "R 1k", "QSPI_SS", "BOOTSEL")
    c.two("SW1", "button", "BOOTSEL", "GND")
    c.block("Crystal", "Load 10 pF: 2 (10 pF - 3 pF stray) = 14 pF, 15 pF fitted.")
    c.ic("Y1", "crystal", {"1": "XTAL", "3": "XIN", "2": "GND", "4": "GND"})
    c.two("C615", "C 15p", "XIN", "GND")
    c.two("C616", "C 15p", "XTAL", "GND")
    c.two("R605", "R 1k", "XTAL", "XOUT")
    c.block("USB-C for flashing", "A device only: 5.1 k on both CC pins.")
    c.ic(
        "J3",
        "USB-C",
        {
            "VBUS": "USB_VBUS",
            "GND": "GND",
            "CC1": "USB_CC1",
            "CC2": "USB_CC2",
            "D-": "USB_DM",
            "D+": "USB_DP",
            "SBU1": OPEN,
            "SBU2": OPEN,
            "SHIELD": "GND",
        },
    )
    c.ic(
        "U17",
        "USBLC6",
        {
            "1": "USB_DM",
            "6": "USB_DM",
            "3": "USB_DP",
            "4": "USB_DP",
            "VBUS": "USB_VBUS",
            "GND": "GND",
        },
    )
    c.two("R606", "R 5k1", "USB_CC1", "GND")
    c.two("R607", "R 5k1", "USB_CC2", "GND")
    c.two("R608", "R 27R", "USB_DP", "USB_DP_R")
    c.two("R609", "R 27R", "USB_DM", "USB_DM_R")
    c.two("C617", "C 1u 50V", "USB_VBUS", "GND")
    c.block("Debug", "Raspberry Pi debug connectors: SWD, and UART at 115200 8N1.")
    c.ic("J4", "JST-SH3", {"1": "SWCLK", "2": "GND", "3": "SWDIO", "MP": "GND"})
    c.ic("J5", "JST-SH3", {"1": "DBG_TX", "2": "GND", "3": "DBG_RX", "MP": "GND"})
    c.block("Button and lights", "Factory reset: held for 10 s while power comes up.")
    c.two("SW2", "button", "BTN_FACTORY_N", "GND")
    c.two("R610", "R 10k", "+3V3", "BTN_FACTORY_N")
    c.two("C618", "C 100n", "BTN_FACTORY_N", "GND")
    c.two("R611", "R 1k", "LED_STATUS", "LED_STATUS_A")
    c.two("D601", "LED yellow", "GND", "LED_STATUS_A")
    c.two("R612", "R 1k", "LED_FAULT", "LED_FAULT_A")
    c.two("D602", "LED red", "GND", "LED_FAULT_A")
