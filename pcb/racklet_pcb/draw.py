"""Lay the blocks of one sheet out on paper and write it as a `.kicad_sch` expression.

Parts of two pins lie in columns, read from left to right; parts of more pins stand beside them.
Every connection is a short wire to a global label or a power symbol, so a net has the same name
on every sheet and on the board. All positions are multiples of 1.27 mm, KiCad's grid.
Identifiers are uuid5 of what they name, so a rebuild gives the same bytes and a small change a
small difference.
"""

import copy
import math
import uuid
from typing import Any

from . import symbols
from .circuit import Block, Circuit, Part, Sheet
from .sexpr import Text

GRID = 1.27
STUB = 2.54
ROW_STUB = 5.08  # at parts of two pins, whose values would run into the labels
ROW = 10.16  # between parts of two pins
PAPERS = (("A4", 297.0, 210.0), ("A3", 420.0, 297.0))  # the first that fits is taken
MARGIN = 15.24
POWER_SYMBOLS = {"GND": "down", "+3V3": "up", "+1V1": "up", "+5V": "up"}
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "pcb.racklet.io")

Point = tuple[float, float]


def snap(v: float) -> float:
    return round(math.ceil(v / GRID - 1e-6) * GRID, 2)


def text_width(text: str) -> float:
    """Generous width of a 1.27 mm label in mm, flag of a global label included."""
    return 1.15 * len(text) + 3.0


def pin_place(part: Part, number: str, rot: int) -> tuple[Point, Point]:
    """End of a pin relative to the part's origin (sheet axes, y down) and the way out of it."""
    pin = next(p for p in symbols.pins(part.type.symbol) if p.number == number)
    t = math.radians(rot)
    x = pin.x * math.cos(t) - pin.y * math.sin(t)
    y = pin.x * math.sin(t) + pin.y * math.cos(t)
    out = math.radians(pin.angle + rot + 180)
    return (round(x, 2), round(-y, 2)), (round(math.cos(out)), -round(math.sin(out)))


def upright(part: Part) -> int:
    """Rotation that puts pin 1 of a two-pin part on the left."""
    if set(part.nets) != {"1", "2"}:
        return 0
    return next(r for r in (0, 90, 180, 270) if pin_place(part, "1", r)[1] == (-1, 0))


def is_row(part: Part) -> bool:
    return len(symbols.pins(part.type.symbol)) == 2


class SheetWriter:
    """Collects the items of one sheet."""

    def __init__(self, circuit: Circuit, sheet: Sheet, index: int, path: str) -> None:
        self.circuit, self.sheet, self.path, self.index = circuit, sheet, path, index
        self.paper = PAPERS[-1]
        self.items: list[Any] = []
        self.libs: dict[str, Any] = {}
        self.count = 0

    def uid(self, what: str) -> list[Any]:
        name = f"{self.circuit.name}/{self.sheet.name}/{what}"
        return ["uuid", Text(uuid.uuid5(NAMESPACE, name))]

    # --- primitives ---------------------------------------------------------

    def text(self, text: str, x: float, y: float, size: float, bold: bool) -> None:
        font: list[Any] = ["font", ["size", size, size]] + ([["bold", "yes"]] if bold else [])
        self.items.append(
            [
                "text",
                Text(text),
                ["exclude_from_sim", "no"],
                ["at", x, y, 0],
                ["effects", font, ["justify", "left", "top"]],
                self.uid(f"text {text}"),
            ]
        )

    def box(self, x: float, y: float, w: float, h: float, name: str) -> None:
        self.items.append(
            [
                "rectangle",
                ["start", x, y],
                ["end", x + w, y + h],
                ["stroke", ["width", 0.15], ["type", "dash"]],
                ["fill", ["type", "none"]],
                self.uid(f"box {name}"),
            ]
        )

    def label(self, net: str, at: Point, out: Point, who: str) -> None:
        angle = {(1, 0): 0, (-1, 0): 180, (0, -1): 90, (0, 1): 270}[out]
        side = "left" if angle in (0, 90) else "right"
        self.items.append(
            [
                "global_label",
                Text(net),
                ["shape", "passive"],
                ["at", *at, angle],
                ["effects", ["font", ["size", 1.27, 1.27]], ["justify", side]],
                self.uid(f"label {who}"),
            ]
        )

    def power(self, net: str, at: Point, out: Point) -> None:
        down = POWER_SYMBOLS[net] == "down"
        rot = 180 if out == ((0, -1) if down else (0, 1)) else 0
        self.count += 1
        self.symbol(
            f"#PWR{self.index}{self.count:03d}", f"power:{net}", at, rot, value=net, fields={}
        )

    # --- parts --------------------------------------------------------------

    def symbol(
        self, ref: str, lib_id: str, at: Point, rot: int, *, value: str, fields: dict[str, Any]
    ) -> None:
        """Place one symbol. `fields`: text position `ref_at`, `value_at`, and named properties."""
        self.libs[lib_id] = symbols.load(lib_id)
        hidden = ref.startswith("#")

        def prop(name: str, text: str, dx: float, dy: float, hide: bool) -> list[Any]:
            effects: list[Any] = ["effects", ["font", ["size", 1.27, 1.27]]]
            effects += [["hide", "yes"]] if hide else []
            angle = 90 if rot % 180 else 0  # a field turns with its symbol: turn it back
            return [
                "property",
                Text(name),
                Text(text),
                ["at", at[0] + dx, at[1] + dy, angle],
                effects,
            ]

        ref_at, value_at = fields.pop("ref_at", (0, 0)), fields.pop("value_at", (0, 0))
        if hidden and lib_id != "power:PWR_FLAG":
            down = POWER_SYMBOLS[value] == "down"
            value_at = (0, 3.81 if down == (rot == 0) else -3.81)
        item: list[Any] = [
            "symbol",
            ["lib_id", Text(lib_id)],
            ["at", *at, rot],
            ["unit", 1],
            ["exclude_from_sim", "no"],
            ["in_bom", fields.pop("in_bom", "yes")],
            ["on_board", "yes"],
            ["dnp", fields.pop("dnp", "no")],
            self.uid(ref),
            prop("Reference", ref, *ref_at, hidden),
            prop("Value", value, *value_at, lib_id == "power:PWR_FLAG"),
            prop("Footprint", fields.pop("Footprint", ""), 0, 0, True),
            prop("Datasheet", symbols.prop(lib_id, "Datasheet"), 0, 0, True),
            prop("Description", symbols.prop(lib_id, "Description"), 0, 0, True),
        ]
        item += [prop(k, v, 0, 0, True) for k, v in fields.items()]
        for pin in symbols.pins(lib_id):
            item.append(["pin", Text(pin.number), self.uid(f"{ref} pin {pin.number}")])
        instance = ["path", Text(self.path), ["reference", Text(ref)], ["unit", 1]]
        item.append(["instances", ["project", Text(self.circuit.name), instance]])
        self.items.append(item)

    def wire(self, a: Point, b: Point, who: str) -> None:
        points = ["pts", ["xy", *a], ["xy", *b]]
        stroke = ["stroke", ["width", 0], ["type", "default"]]
        self.items.append(["wire", points, stroke, self.uid(f"wire {who}")])

    def part(self, part: Part, at: Point) -> None:
        rot = upright(part)
        pins = symbols.pins(part.type.symbol)
        row = is_row(part)
        xs, ys = [p.x for p in pins] or [0.0], [p.y for p in pins] or [0.0]
        ref_at = (0.0, -3.175) if row else (min(xs) / 2, -max(ys) - 5.08)
        value_at = (0.0, 3.175) if row else (min(xs) / 2, -min(ys) + 5.08)
        fields = {
            "ref_at": ref_at,
            "value_at": value_at,
            "in_bom": "no" if part.type.mpn == "-" else "yes",
            "dnp": "no" if part.fitted else "yes",
            "Footprint": part.type.footprint,
            "MPN": part.type.mpn,
            "Manufacturer": part.type.manufacturer,
        }
        self.symbol(part.ref, part.type.symbol, at, rot, value=part.type.value, fields=fields)
        done: set[Point] = set()
        for number, net in part.nets.items():
            (dx, dy), out = pin_place(part, number, rot)
            end = (round(at[0] + dx, 2), round(at[1] + dy, 2))
            if end in done:
                continue  # stacked pins share one end
            done.add(end)
            who = f"{part.ref} {number}"
            if net is None:
                kind = next(p.kind for p in pins if p.number == number)
                if kind != "no_connect":
                    self.items.append(["no_connect", ["at", *end], self.uid(f"open {who}")])
                continue
            stub = ROW_STUB if row else STUB
            tip = (round(end[0] + out[0] * stub, 2), round(end[1] + out[1] * stub, 2))
            self.wire(end, tip, who)
            if net in POWER_SYMBOLS and (row or out[0] == 0):
                self.power(net, tip, out)
            else:
                self.label(net, tip, out, who)

    # --- layout -------------------------------------------------------------

    def extent(self, part: Part) -> tuple[float, float, float, float]:
        """Room around the origin with stubs, labels and texts: left, right, up, down."""
        rot = upright(part)
        left = right = 5.08
        up = down = ROW / 2 if is_row(part) else 7.62
        for number, net in part.nets.items():
            (x, y), out = pin_place(part, number, rot)
            reach = (ROW_STUB if is_row(part) else STUB) + (text_width(net) if net else 0.0)
            left = max(left, -x + (reach if out[0] < 0 else 0))
            right = max(right, x + (reach if out[0] > 0 else 0))
            if not is_row(part):
                up = max(up, -y + (reach if out[1] < 0 else 0) + 6.35)
                down = max(down, y + (reach if out[1] > 0 else 0) + 6.35)
        return left, right, up, down

    def block_plan(self, block: Block) -> tuple[float, float, list[tuple[Part, float, float]]]:
        """Size of a block and the parts' places inside it."""
        head = 7.62 + 2.54 * (block.note.count("\n") + 1 if block.note else 0)
        big = [p for p in block.parts if not is_row(p)]
        rows = [p for p in block.parts if is_row(p)]
        places: list[tuple[Part, float, float]] = []
        x, height = 3.81, 0.0
        for part in big:
            left, right, up, down = self.extent(part)
            places.append((part, snap(x + left), snap(head + up)))
            x = snap(x + left) + right + 2.54
            height = max(height, snap(head + up) + down)
        per_column = max(4, int((height - head) // ROW), math.ceil(math.sqrt(len(rows))))
        for start in range(0, len(rows), per_column):
            column = rows[start : start + per_column]
            left = max(self.extent(p)[0] for p in column)
            right = max(self.extent(p)[1] for p in column)
            for k, part in enumerate(column):
                places.append((part, snap(x + left), snap(head + ROW * (k + 0.5))))
                height = max(height, snap(head + ROW * (k + 0.5)) + ROW / 2)
            x = snap(x + left) + right + 2.54
        title = 3.81 + 1.9 * len(block.title)
        note = 3.81 + 1.25 * max((len(line) for line in block.note.split("\n")), default=0)
        return max(x, title, note), height + 1.27, places

    def arrange(self, paper: tuple[str, float, float]) -> list[tuple[float, float]] | None:
        """Upper left corners of the blocks, in rows like text; None when the paper is too small."""
        corners, x, y, shelf = [], MARGIN, MARGIN, 0.0
        for block in self.sheet.blocks:
            w, h, _ = self.block_plan(block)
            if x > MARGIN and x + w > paper[1] - MARGIN:
                x, y, shelf = MARGIN, snap(y + shelf + 3.81), 0.0
            if x + w > paper[1] - MARGIN or y + h > paper[2] - 48:  # title block, power flags
                return None
            corners.append((x, y))
            x, shelf = snap(x + w + 3.81), max(shelf, h)
        return corners

    def lay_out(self) -> None:
        """Draw all blocks. Raises ValueError when they fit on no paper."""
        for self.paper in PAPERS:
            corners = self.arrange(self.paper)
            if corners:
                break
        else:
            raise ValueError(f"sheet {self.sheet.name} does not fit on {PAPERS[-1][0]}; split it")
        for block, (x, y) in zip(self.sheet.blocks, corners, strict=True):
            w, h, places = self.block_plan(block)
            self.box(x, y, snap(w), snap(h), block.title)
            self.text(block.title, x + 1.27, y + 1.27, 1.9, True)
            if block.note:
                self.text(block.note, x + 1.27, y + 5.08, 1.27, False)
            for part, dx, dy in places:
                self.part(part, (round(snap(x) + dx, 2), round(snap(y) + dy, 2)))

    def flags(self, nets: list[str]) -> None:
        """Tell ERC that these supply nets are driven from outside."""
        x, y = MARGIN, self.paper[2] - 25.4
        self.text("Supplied from outside this circuit", x, snap(y) - 11.43, 1.27, True)
        for k, net in enumerate(nets):
            at = (snap(x + 5.08 + 15.24 * k), snap(y))
            self.symbol(
                f"#FLG{self.index}{k:02d}", "power:PWR_FLAG", at, 0, value="PWR_FLAG", fields={}
            )
            tip = (at[0], round(at[1] + STUB, 2))
            self.wire(at, tip, f"flag {net}")
            self.label(net, tip, (0, 1), f"flag {net}")

    def document(self, page_uuid: list[Any]) -> list[Any]:
        """The whole sheet."""
        libs = []
        for lib_id in sorted(self.libs):
            libs.append(copy.deepcopy(self.libs[lib_id]))
        return [
            "kicad_sch",
            ["version", "20250114"],
            ["generator", Text("racklet_pcb")],
            ["generator_version", Text("9.0")],
            page_uuid,
            ["paper", Text(self.paper[0])],
            title_block(self.circuit, self.sheet.title),
            ["lib_symbols", *libs],
            *self.items,
            ["embedded_fonts", "no"],
        ]


def title_block(circuit: Circuit, title: str) -> list[Any]:
    return [
        "title_block",
        ["title", Text(f"{circuit.title}: {title}" if title else circuit.title)],
        ["rev", Text(circuit.rev)],
        ["company", Text("Racklet, an open miniature server rack")],
        ["comment", 1, Text("Apache-2.0. Generated from pcb/: change the circuit there.")],
    ]
