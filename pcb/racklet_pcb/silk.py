"""Where designators and labels stand on the silkscreen: beside their part, on nothing else.

Greedy and deterministic. What may not be covered: pads (the maker cuts print there away), print
of the footprints, texts already placed, the board's edge. A text stands off other parts' bodies
where it can, else in the middle of its own; labels and names of test points may stand on a
neighbour's. One that finds no free place is left out; the assembly drawing has it. KiCad's own
silkscreen rules judge the result.
"""

from collections.abc import Iterator
from typing import Any

import pcbnew

GAP = 150_000  # nm from print to print and to a pad
REACH = 6  # steps of half a text height that a text may stand off its part
SIZE, STROKE = 800_000, 120_000  # nm: the least that makers promise to print
EDGE = 400_000
LARGE = 9e12  # nm2 of courtyard: a two-pin part of this size is looked for by its name
NAMED = ("U", "J", "TP", "SW", "Y")

Box = tuple[int, int, int, int]
Spot = tuple[int, int, int]  # centre and angle


def _box(item: Any, grow: int = 0) -> Box:
    b = item.GetBoundingBox()
    return b.GetLeft() - grow, b.GetTop() - grow, b.GetRight() + grow, b.GetBottom() + grow


def _hit(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _courtyard(f: pcbnew.FOOTPRINT) -> Any:
    return f.GetCourtyard(pcbnew.B_CrtYd if f.IsFlipped() else pcbnew.F_CrtYd)


def wanted(f: pcbnew.FOOTPRINT) -> bool:
    """Whether the designator of a part belongs on the print."""
    ref = f.GetReference()
    return not ref.startswith("H") and (ref.startswith(NAMED) or _courtyard(f).Area() >= LARGE)


def importance(f: pcbnew.FOOTPRINT) -> tuple[int, str]:
    """Sort key: what a person looks for with a probe in hand comes first."""
    ref = f.GetReference()
    order = ("TP", "J", "SW", "U")
    return next((k for k, p in enumerate(order) if ref.startswith(p)), len(order)), ref


class Print:
    """The silkscreen of one side: what is taken, and the placing of one more text."""

    def __init__(self, board: pcbnew.BOARD, back: bool) -> None:
        self.layer = pcbnew.B_SilkS if back else pcbnew.F_SilkS
        mask = pcbnew.B_Mask if back else pcbnew.F_Mask
        self.edge = pcbnew.SHAPE_POLY_SET()
        board.GetBoardPolygonOutlines(self.edge)
        self.edge.Inflate(-EDGE, pcbnew.CORNER_STRATEGY_CHAMFER_ALL_CORNERS, 5000)
        self.taken: list[Box] = []
        self.bodies: dict[str, Box] = {}
        for f in board.GetFootprints():
            self.taken += [_box(p, GAP) for p in f.Pads() if p.IsOnLayer(mask)]
            self.taken += [
                _box(g, GAP)
                for g in f.GraphicalItems()
                if g.GetLayer() == self.layer and not isinstance(g, pcbnew.PCB_TEXT)
            ]
            if f.IsFlipped() == back and _courtyard(f).OutlineCount():
                b = _courtyard(f).BBox()
                self.bodies[f.GetReference()] = (
                    *(b.GetLeft(), b.GetTop(), b.GetRight(), b.GetBottom()),
                )
        for drawing in board.GetDrawings():
            if drawing.GetLayer() == self.layer:
                self.taken.append(_box(drawing, GAP))

    def free(self, box: Box, foreign: list[Box]) -> bool:
        xs, ys = ((box[k], (box[k] + box[k + 2]) // 2, box[k + 2]) for k in (0, 1))
        if not all(self.edge.Contains(pcbnew.VECTOR2I(x, y)) for x in xs for y in ys):
            return False
        return not any(_hit(box, other) for other in (*self.taken, *foreign))

    def place(self, text: Any, f: pcbnew.FOOTPRINT, needed: bool) -> bool:
        """Put `text` beside part `f`, over a neighbour's body when it is `needed`; False when no
        place is free."""
        text.SetTextSize(pcbnew.VECTOR2I(SIZE, SIZE))
        text.SetTextThickness(STROKE)
        body = body_of(f)
        others = [b for ref, b in self.bodies.items() if ref != f.GetReference()]
        around = list(spots(body, text))
        middle = [((body[0] + body[2]) // 2, (body[1] + body[3]) // 2, turn) for turn in (0, 90)]
        tries = [(around, others), (middle, []), *([(around, [])] if needed else [])]
        return any(self.fits(text, spot, foreign) for tried, foreign in tries for spot in tried)

    def fits(self, text: Any, spot: Spot, foreign: list[Box]) -> bool:
        x, y, turn = spot
        text.SetTextAngleDegrees(turn)
        text.SetPosition(pcbnew.VECTOR2I(x, y))
        # The box of a text is not centred on its position: move it there.
        b = _box(text)
        text.Move(pcbnew.VECTOR2I(x - (b[0] + b[2]) // 2, y - (b[1] + b[3]) // 2))
        if not self.free(_box(text), foreign):
            return False
        self.taken.append(_box(text, GAP))
        return True


def spots(body: Box, text: Any) -> Iterator[Spot]:
    """Places beside a part, nearest first: above, below, right, left; then along."""
    text.SetTextAngleDegrees(0)
    b = _box(text)
    width, height = b[2] - b[0], b[3] - b[1]
    x0, y0, x1, y1 = body
    cx, cy = (x0 + x1) // 2, (y0 + y1) // 2
    for away in range(REACH):
        off = GAP + away * SIZE // 2
        for along in (0, 1, -1, 2, -2, 3, -3):
            for turn, w, h in ((0, width, height), (90, height, width)):
                slide = along * SIZE // 2
                yield cx + slide, y0 - off - h // 2, turn
                yield cx + slide, y1 + off + h // 2, turn
                yield x1 + off + w // 2, cy + slide, turn
                yield x0 - off - w // 2, cy + slide, turn


def body_of(f: pcbnew.FOOTPRINT) -> Box:
    """Pads and print of a part, without its texts."""
    silk = (pcbnew.F_SilkS, pcbnew.B_SilkS)
    items = [g for g in f.GraphicalItems() if not isinstance(g, pcbnew.PCB_TEXT)]
    boxes = [_box(i) for i in (*f.Pads(), *(g for g in items if g.GetLayer() in silk))]
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def write(board: pcbnew.BOARD, labels: dict[str, str]) -> list[str]:
    """Place `labels` (designator -> text beside it) and designators. Returns what found no room."""
    left_out = []
    parts = sorted(board.GetFootprints(), key=importance)
    for f in parts:
        f.Reference().SetVisible(False)
    for back in (False, True):
        side = Print(board, back)
        mine = [f for f in parts if f.IsFlipped() == back]
        for f in (f for f in mine if f.GetReference() in labels):
            text = pcbnew.PCB_TEXT(board)
            text.SetText(labels[f.GetReference()])
            text.SetLayer(side.layer)
            text.SetMirrored(back)
            if side.place(text, f, needed=True):
                board.Add(text)
            else:
                left_out.append(labels[f.GetReference()])
        for f in (f for f in mine if wanted(f)):
            f.Reference().SetVisible(True)
            if not side.place(f.Reference(), f, needed=f.GetReference().startswith("TP")):
                f.Reference().SetVisible(False)
                left_out.append(f.GetReference())
    return left_out
