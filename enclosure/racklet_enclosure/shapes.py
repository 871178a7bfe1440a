"""Solids in rack coordinates: boxes by their bounds, holes that print without support."""

from collections.abc import Iterable, Sequence
from math import ceil, sqrt

from build123d import (
    Align,
    Box,
    Circle,
    Cone,
    Cylinder,
    Part,
    Plane,
    Polygon,
    Pos,
    RegularPolygon,
    Vector,
    extrude,
    fillet,
)

Point = Sequence[float]
X, Y, Z = Vector(1, 0, 0), Vector(0, 1, 0), Vector(0, 0, 1)
_UPRIGHT = (Align.CENTER, Align.CENTER, Align.MIN)


def box(x: Point, y: Point, z: Point) -> Part:
    """The box between the given bounds; each bound is a pair (low, high)."""
    return Pos(sum(x) / 2, sum(y) / 2, sum(z) / 2) * Box(x[1] - x[0], y[1] - y[0], z[1] - z[0])


def rod(start: Point, direction: Vector, diameter: float, length: float) -> Part:
    """A cylinder from `start` along `direction`."""
    return Plane(origin=start, z_dir=direction) * Cylinder(diameter / 2, length, align=_UPRIGHT)


def _plane(start: Point, direction: Vector, up: Vector) -> Plane:
    """A plane across `direction` whose local y looks `up`."""
    return Plane(origin=start, x_dir=up.cross(direction), z_dir=direction)


def teardrop(start: Point, direction: Vector, up: Vector, diameter: float, length: float) -> Part:
    """A hole across the print direction `up`: a circle with a 45 degree roof."""
    r = diameter / 2
    c = r / sqrt(2)
    roof = Polygon((0, 0), (c, c), (0, r * sqrt(2)), (-c, c), align=None)
    return extrude(_plane(start, direction, up) * (Circle(r) + roof), length)


def hexagon(start: Point, direction: Vector, up: Vector, flats: float, depth: float) -> Part:
    """A pocket for a nut; the flat towards `up` is a roof of 3 mm, short enough to bridge."""
    return extrude(_plane(start, direction, up) * RegularPolygon(flats / sqrt(3), 6), depth)


def countersink(start: Point, direction: Vector, head: float, hole: float, length: float) -> Part:
    """A through hole with a 90 degree countersink whose rim lies on the surface at `start`."""
    depth = (head - hole) / 2
    cone = Cone(head / 2, hole / 2, depth, align=_UPRIGHT)
    shaft = Cylinder(hole / 2, length, align=_UPRIGHT)
    return Plane(origin=start, z_dir=direction) * (cone + shaft)


def sheet(outline: Sequence[tuple[float, float]], x: Point, radius: float = 0.0) -> Part:
    """A plate of thickness `x` whose outline is a polygon of (Y, Z) points, corners rounded."""
    plane = Plane(origin=(x[0], 0, 0), x_dir=(0, 1, 0), z_dir=(1, 0, 0))
    flat = Polygon(*outline, align=None)
    if radius:
        flat = fillet(flat.vertices(), radius)
    return extrude(plane * flat, x[1] - x[0])


def cut(part: Part, tools: Iterable[Part]) -> Part:
    """`part` without all `tools`, in one boolean."""
    tools = list(tools)
    return part - tools if tools else part


def join(parts: Iterable[Part]) -> Part:
    """One body of overlapping or touching parts."""
    first, *rest = parts
    return first + rest if rest else first


def windows(x: Point, y: Point, bar: float, widest: float) -> list[tuple[Point, Point]]:
    """Openings (x bounds, y bounds) that fill an area, none wider than `widest`, with bars."""

    def runs(lo: float, hi: float) -> list[Point]:
        count = max(1, ceil((hi - lo + bar) / (widest + bar)))
        size = (hi - lo - bar * (count - 1)) / count
        return [(lo + i * (size + bar), lo + i * (size + bar) + size) for i in range(count)]

    return [(a, b) for a in runs(*x) for b in runs(*y)]
