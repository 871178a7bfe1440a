"""Footprints that KiCad's libraries lack, drawn by rule into `pcb/lib/racklet.pretty`.

usage: python -m racklet_pcb.own_footprints

Card edge: positions as KiCad's BUS_PCIexpress_x4 (contact 1 at the origin, tip of the tongue at
y = 3.45), but three finger lengths, so that ground and busbar mate first, the bus next and
presence last. Socket: hole pattern of the Amphenol 10018783 series (x1 land pattern extended to
x4; two staggered rows a side, 1.25 and 3.25 mm from the middle; unverified for x4).
"""

from pathlib import Path
from typing import Any

from .own_symbols import SIGNALS, UNUSED, contact
from .sexpr import Text, dump
from .symbols import OWN

FOLDER = OWN.parent / "racklet.pretty"

FINGER_WIDTH = 0.7
FINGER_INNER = -2.15  # where every finger begins, towards the board
LENGTHS = {"first": 4.3, "second": 3.75, "last": 3.2}


def x_of(n: int) -> float:
    """Contact `n` along the edge: 1 mm pitch, 3 mm over the key between 11 and 12."""
    return float(n - 1 if n <= 11 else n + 1)


def mates(number: str) -> str:
    """Mating level of a contact."""
    if number in ("A1", "B31"):
        return "last"
    return "second" if number in SIGNALS or number in UNUSED else "first"


def _line(layer: str, a: tuple[float, float], b: tuple[float, float], width: float) -> list[Any]:
    return [
        "fp_line",
        ["start", *a],
        ["end", *b],
        ["stroke", ["width", width], ["type", "solid"]],
        ["layer", Text(layer)],
    ]


def _box(layer: str, x0: float, y0: float, x1: float, y1: float, *, width: float) -> list[Any]:
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    return [_line(layer, a, b, width) for a, b in zip(corners, corners[1:], strict=False)]


def _footprint(name: str, text: str, at: tuple[float, float], attr: list[str]) -> list[Any]:
    def prop(key: str, value: str, layer: str, dy: float) -> list[Any]:
        font = ["effects", ["font", ["size", 1, 1], ["thickness", 0.15]]]
        return [
            "property",
            Text(key),
            Text(value),
            ["at", at[0], at[1] + dy, 0],
            ["layer", Text(layer)],
            font,
        ]

    return [
        "footprint",
        Text(name),
        ["version", "20241229"],
        ["generator", Text("racklet_pcb")],
        ["layer", Text("F.Cu")],
        ["descr", Text(text)],
        prop("Reference", "REF**", "F.SilkS", 0),
        prop("Value", name, "F.Fab", 1.5),
        ["attr", *attr],
    ]


def card_edge() -> list[Any]:
    fp = _footprint(
        "CardEdge_PCIe_x4_ThreeLengths",
        "PCI Express x4 card edge with fingers of three lengths; NOT PCI Express",
        (16.5, -4.0),
        ["exclude_from_pos_files", "exclude_from_bom"],
    )
    for side, layer in (("A", "B"), ("B", "F")):
        for n in range(1, 33):
            number = contact(side, n)[0]
            length = LENGTHS[mates(number)]
            fp.append(
                [
                    "pad",
                    Text(number),
                    "connect",
                    "rect",
                    ["at", x_of(n), round(FINGER_INNER + length / 2, 3)],
                    ["size", FINGER_WIDTH, length],
                    ["layers", Text(f"{layer}.Cu"), Text(f"{layer}.Mask")],
                ]
            )
    for layer in ("F.CrtYd", "B.CrtYd"):
        fp += _box(layer, -0.65, -2.5, 33.65, 3.45, width=0.05)
    return fp


def socket() -> list[Any]:
    fp = _footprint(
        "Socket_PCIe_x4_THT",
        "PCI Express x4 socket, vertical, through hole, Amphenol 10018783; NOT PCI Express",
        (16.5, 6.5),
        ["through_hole"],
    )
    for side, sign in (("A", -1), ("B", 1)):
        for n in range(1, 33):
            fp.append(
                [
                    "pad",
                    Text(f"{side}{n}"),
                    "thru_hole",
                    "rect" if n == 1 else "circle",
                    ["at", x_of(n), sign * (1.25 if n % 2 else 3.25)],
                    ["size", 1.25, 1.25],
                    ["drill", 0.78],
                    ["layers", Text("*.Cu"), Text("*.Mask")],
                ]
            )
    for x in (11.65, 34.8):  # locating pegs
        fp.append(
            [
                "pad",
                Text(""),
                "np_thru_hole",
                "circle",
                ["at", x, 0],
                ["size", 2.4, 2.4],
                ["drill", 2.4],
                ["layers", Text("*.Cu"), Text("*.Mask")],
            ]
        )
    fp += _box("F.Fab", -3.0, -3.85, 36.0, 3.85, width=0.1)
    fp += _box("F.SilkS", -3.1, -4.1, 36.1, 4.1, width=0.12)
    fp += _box("F.CrtYd", -3.25, -4.25, 36.25, 4.25, width=0.05)
    return fp


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for fp in (card_edge(), socket()):
        Path(FOLDER / f"{fp[1]}.kicad_mod").write_text(dump(fp) + "\n")


if __name__ == "__main__":
    main()
