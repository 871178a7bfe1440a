"""Fill zones so that a rebuild gives the same bytes.

KiCad's filler is not repeatable to the byte: the order in which it meets its islands follows
memory addresses, and edges move by up to 28 um. So a fresh fill is made every time and compared
with the committed one. Where the rest of the board is equal and no sliver of difference is as
wide as SAME_UM, the committed bytes stand; otherwise the fresh ones do.
"""

import re
from pathlib import Path

import pcbnew

SAME_UM = 50
_FILL = re.compile(r"^\t\t\(filled_polygon\n.*?^\t\t\)\n", re.M | re.S)

Fills = dict[tuple[str, str], pcbnew.SHAPE_POLY_SET]


def without_fills(text: str) -> str:
    return _FILL.sub("", text)


def fills_of(text: str) -> Fills:
    """Filled copper by zone and layer, from the text of a board."""
    found: Fills = {}
    for rest in text.split("\n\t(zone\n")[1:]:
        zone = rest.split("\n\t)\n", 1)[0] + "\n"
        identity = re.search(r'\(uuid "([^"]+)"\)', zone)
        assert identity is not None, "KiCad gives every zone an identifier"
        for fill in _FILL.findall(zone):
            layer = re.search(r'\(layer "([^"]+)"\)', fill)
            assert layer is not None
            shape = found.setdefault((identity[1], layer[1]), pcbnew.SHAPE_POLY_SET())
            shape.NewOutline()
            for x, y in re.findall(r"\(xy (\S+) (\S+)\)", fill):
                shape.Append(round(float(x) * 1e6), round(float(y) * 1e6))
    for shape in found.values():
        shape.Simplify()
    return found


def _exceeds(a: pcbnew.SHAPE_POLY_SET, b: pcbnew.SHAPE_POLY_SET) -> bool:
    """Whether `a` has copper wider than SAME_UM where `b` has none."""
    rest = pcbnew.SHAPE_POLY_SET(a)
    rest.BooleanSubtract(b)
    rest.Inflate(-SAME_UM * 500, pcbnew.CORNER_STRATEGY_CHAMFER_ALL_CORNERS, 1000)
    return bool(rest.OutlineCount())


def same(a: str, b: str) -> bool:
    """Two boards are equal but for the noise of their fills."""
    if without_fills(a) != without_fills(b):
        return False
    mine, other = fills_of(a), fills_of(b)
    return mine.keys() == other.keys() and not any(
        _exceeds(mine[k], other[k]) or _exceeds(other[k], mine[k]) for k in mine
    )


def fill(path: Path, committed: Path) -> None:
    """Fill the saved board at `path`, its `.kicad_pro` beside it; one board a process."""
    board = pcbnew.LoadBoard(str(path))
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())
    pcbnew.SaveBoard(str(path), board)
    if committed.exists():
        text = committed.read_text(encoding="utf-8")
        if same(path.read_text(encoding="utf-8"), text):
            path.write_text(text, encoding="utf-8")
