"""Symbols that KiCad's libraries lack, drawn from tables into `pcb/lib/racklet.kicad_sym`.

usage: python -m racklet_pcb.own_symbols

A stock symbol is used wherever one fits. Pin types are what ERC shall check; the source of each
pin assignment stands beside it.
"""

from typing import Any

from .sexpr import Text, dump
from .symbols import OWN

PinRow = tuple[str, str, str] | None  # number, name, electrical type; None leaves a gap

# Slot contacts. Side B is the component side of the card. A signal that a standard card has at
# the same place never meets the busbar here, except on lanes 1 to 3 of an x4 card.
BUSBAR = ("A21", "A22", "A25", "A26", "A29", "A30", "B19", "B20", "B23", "B24", "B27", "B28")
SIGNALS = {
    "A1": "PRES_A",
    "A5": "SLOT0",
    "A6": "SLOT1",
    "A7": "SLOT2",
    "A8": "SLOT3",
    "B5": "SMBCLK",
    "B6": "SMBDAT",
    "B11": "SMBALERT",
    "B31": "PRES_B",
}
UNUSED = (
    *("A11", "A13", "A14", "A16", "A17", "A19", "A32"),
    *("B9", "B12", "B14", "B15", "B17", "B30"),
)


def contact(side: str, n: int) -> tuple[str, str, str]:
    number = f"{side}{n}"
    if number in BUSBAR:
        return number, "BUSBAR", "passive"
    if number in UNUSED:
        return number, f"NC{number}", "passive"
    return number, SIGNALS.get(number, "GND"), "passive"


TABLE: dict[str, dict[str, Any]] = {
    "RackletSlot": {
        "ref": "J",
        "text": "Slot of the Racklet backplane on a PCI Express x4 card edge. NOT PCI Express",
        "left": [contact("A", n) for n in range(1, 33)],
        "right": [contact("B", n) for n in range(1, 33)],
        "width": 22.86,
    },
    # TI SLUSEP7 (December 2022), pin functions.
    "LMR51450": {
        "ref": "U",
        "text": "4-36 V, 5 A synchronous buck, internal compensation. TI SLUSEP7",
        "left": [
            ("10", "VIN", "power_in"),
            ("11", "VIN", "power_in"),
            ("12", "VIN", "power_in"),
            None,
            ("9", "EN", "input"),
            ("6", "RT", "passive"),
            ("5", "PG", "open_collector"),
        ],
        "right": [
            ("4", "BOOT", "passive"),
            ("1", "SW", "power_out"),
            ("2", "SW", "passive"),
            ("3", "SW", "passive"),
            None,
            ("7", "FB", "input"),
            ("8", "AGND", "power_in"),
            ("13", "PGND", "power_in"),
        ],
    },
    # Pin order shared with the TCA4311A and LTC4300A-1 in VSSOP-8.
    "TCA4307": {
        "ref": "U",
        "text": "Hot-swappable I2C and SMBus buffer with stuck bus recovery",
        "left": [
            ("6", "SDAIN", "bidirectional"),
            ("3", "SCLIN", "bidirectional"),
            ("1", "EN", "input"),
            ("4", "GND", "power_in"),
        ],
        "right": [
            ("7", "SDAOUT", "bidirectional"),
            ("2", "SCLOUT", "bidirectional"),
            ("5", "READY", "open_collector"),
            ("8", "VCC", "power_in"),
        ],
    },
    # Nexperia 74LVC1G74, VSSOP-8.
    "74LVC1G74": {
        "ref": "U",
        "text": "D flip-flop with asynchronous set and clear, Schmitt inputs",
        "left": [
            ("2", "D", "input"),
            ("1", "CLK", "input"),
            ("7", "~{PRE}", "input"),
            ("6", "~{CLR}", "input"),
        ],
        "right": [
            ("5", "Q", "output"),
            ("3", "~{Q}", "output"),
            ("8", "VCC", "power_in"),
            ("4", "GND", "power_in"),
        ],
    },
    # As Power_Management:TPS26631PWP, but PGOOD is an open drain (TI SLVSE94), as is FLT.
    "TPS26631PWP": {
        "ref": "U",
        "text": "4.5-60 V, 6 A eFuse with reverse blocking driver, HTSSOP-20. TI SLVSE94",
        "left": [
            ("1", "IN", "power_in"),
            ("2", "IN", "passive"),
            ("3", "IN", "passive"),
            ("6", "IN_SYS", "power_in"),
            ("4", "B_GATE", "output"),
            ("5", "DRV", "output"),
            ("7", "UVLO", "input"),
            ("8", "OVP", "input"),
            ("13", "~{SHDN}", "input"),
            ("12", "MODE", "passive"),
        ],
        "right": [
            ("18", "OUT", "power_out"),
            ("19", "OUT", "passive"),
            ("20", "OUT", "passive"),
            ("16", "PGTH", "input"),
            ("17", "PGOOD", "open_collector"),
            ("15", "~{FLT}", "open_collector"),
            ("14", "IMON", "passive"),
            ("11", "ILIM", "passive"),
            ("10", "dVdT", "passive"),
            ("9", "GND", "power_in"),
            ("21", "EP", "passive"),
        ],
    },
}


def _text_property(name: str, value: str, y: float, hide: bool) -> list[Any]:
    effects: list[Any] = ["effects", ["font", ["size", 1.27, 1.27]]]
    return [
        "property",
        Text(name),
        Text(value),
        ["at", 0, y, 0],
        effects + ([["hide", "yes"]] if hide else []),
    ]


def box_symbol(name: str, row: dict[str, Any]) -> list[Any]:
    """A rectangle with pins on the left and the right, 2.54 mm apart."""
    width = row.get("width", 17.78) / 2
    height = 2.54 * max(len(row["left"]), len(row["right"]))
    top = round(height / 2 / 2.54) * 2.54
    pins: list[Any] = []
    for side, x, angle in (("left", -width - 2.54, 0), ("right", width + 2.54, 180)):
        for k, pin in enumerate(row[side]):
            if pin is None:
                continue
            font = ["effects", ["font", ["size", 1.27, 1.27]]]
            pins.append(
                [
                    "pin",
                    pin[2],
                    "line",
                    ["at", x, round(top - 2.54 * (k + 0.5) - 1.27, 2), angle],
                    ["length", 2.54],
                    ["name", Text(pin[1]), font],
                    ["number", Text(pin[0]), font],
                ]
            )
    body = [
        "rectangle",
        ["start", -width, top],
        ["end", width, round(top - height - 2.54, 2)],
        ["stroke", ["width", 0.254], ["type", "default"]],
        ["fill", ["type", "background"]],
    ]
    return [
        "symbol",
        Text(name),
        ["exclude_from_sim", "no"],
        ["in_bom", "yes"],
        ["on_board", "yes"],
        _text_property("Reference", row["ref"], top + 2.54, False),
        _text_property("Value", name, top - height - 5.08, False),
        _text_property("Footprint", "", 0, True),
        _text_property("Datasheet", "", 0, True),
        _text_property("Description", row["text"], 0, True),
        ["symbol", Text(f"{name}_0_1"), body],
        ["symbol", Text(f"{name}_1_1"), *pins],
    ]


def main() -> None:
    library = [
        "kicad_symbol_lib",
        ["version", "20241209"],
        ["generator", Text("racklet_pcb")],
        ["generator_version", Text("9.0")],
        *(box_symbol(name, row) for name, row in TABLE.items()),
    ]
    OWN.parent.mkdir(exist_ok=True)
    OWN.write_text(dump(library) + "\n")


if __name__ == "__main__":
    main()
