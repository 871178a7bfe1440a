"""Air: the narrowest way through a slot, from the deck to the top, and the fans' flow."""

import trimesh
from shapely.affinity import affine_transform
from shapely.geometry import Polygon
from shapely.geometry import box as rectangle
from shapely.ops import unary_union

from ..assembly import Assembly
from . import Result

RHO_CP = 1.2 * 1005.0  # J/(m3 K), air at 20 C
LOADED = 0.5  # share of its free-air flow that a fan moves through the rack, estimate


def needed_cm2(assembly: Assembly) -> float:
    """Cross-section for one slot's heat at the allowed rise and speed."""
    limits = assembly.lay.p.limits
    return limits.slot_power / (RHO_CP * limits.air_rise * limits.air_speed) * 1e4


def _solid(mesh: trimesh.Trimesh, z: float) -> list:
    """Filled outlines of a mesh cut at height z, as (x, y) polygons."""
    section = mesh.section(plane_origin=[0, 0, z], plane_normal=[0, 0, 1])
    if section is None:
        return []
    flat, to_world = section.to_2D(to_2D=trimesh.geometry.plane_transform([0, 0, z], [0, 0, 1]))
    moved = []
    for polygon in flat.polygons_full:
        m = to_world
        moved.append(
            affine_transform(polygon, [m[0, 0], m[0, 1], m[1, 0], m[1, 1], m[0, 3], m[1, 3]])
        )
    return moved


def slots(assembly: Assembly) -> Result:
    """Free area of every slot at the heights where something narrows it."""
    result, lay = Result("air through the slots"), assembly.lay
    need = needed_cm2(assembly)
    result.figures["needed_cm2"] = round(need, 1)
    heights = {
        "deck": lay.deck.mid,
        "lower rails": lay.deck.hi + 2.0,
        "HDMI edge": lay.on_compute(0, 2)[2],
        "middle": lay.on_compute(0, 28)[2],
        "40-pin header": lay.on_compute(0, 52.5)[2],
        "upper rails": lay.top.lo - 2.0,
        "top": lay.top.mid,
    }
    least = {name: float("inf") for name in heights}
    for name, z in heights.items():
        cuts = [
            polygon
            for piece in assembly.pieces
            if piece.mesh.bounds[0][2] < z < piece.mesh.bounds[1][2]
            for polygon in _solid(piece.mesh, z)
        ]
        solid = unary_union(cuts)
        for slot, x in enumerate(lay.slot_x, 1):
            left = max(x + lay.plate.hi - lay.pitch, lay.inner.lo)
            cell = rectangle(left, lay.front, x + lay.plate.hi, 0.0)
            area = cell.difference(solid).area / 100
            least[name] = min(least[name], area)
            if area < need:
                result.findings.append(
                    f"slot {slot}: {area:.1f} cm2 free at the {name}; {need:.1f} cm2 needed"
                )
    result.figures |= {f"{name}_cm2": round(area, 1) for name, area in least.items()}
    return result


def fans(assembly: Assembly) -> Result:
    """The fans move enough air for all slots, and it finds room under the base."""
    result, lay = Result("fans"), assembly.lay
    limits = lay.p.limits
    need = len(lay.slot_x) * limits.slot_power / (RHO_CP * limits.air_rise) * 3600
    give = lay.fan["count"] * lay.fan["flow_m3h"] * LOADED
    low, high = lay.outer.lo, lay.outer.hi
    gap = lay.p.case.foot / 100 * 2 * ((high - low) + (lay.rear.hi - lay.front)) / 10 * 10
    result.figures = {
        "needed_m3h": round(need, 1),
        "given_m3h": round(give, 1),
        "under_base_cm2": round(gap, 1),
    }
    if give < need:
        result.findings.append(f"the fans move {give:.0f} m3/h; {need:.0f} m3/h needed")
    if gap / 1e4 * limits.air_speed * 3600 < need:
        result.findings.append(f"{gap:.0f} cm2 under the base are too little for {need:.0f} m3/h")
    return result


FINGER = 12.5  # mm: the sphere that must not pass, IEC 60529 IP2X


def guards(assembly: Assembly) -> Result:
    """Nothing as thick as a finger passes the deck or the grilles to a running fan."""
    result, lay = Result("fan guards"), assembly.lay
    for name, z in (("deck", lay.deck.mid), ("fan_grille", -1.0)):
        (outline,) = _solid(assembly.piece(name).mesh, z)
        for ring in outline.interiors:
            opening = Polygon(ring)
            if opening.area > 20 and not opening.buffer(-FINGER / 2).is_empty:
                x, y = opening.centroid.coords[0]
                result.findings.append(f"{name}: a finger passes at ({x:.0f}, {y:.0f})")
        result.figures[f"{name}_openings"] = len(outline.interiors)
    return result
