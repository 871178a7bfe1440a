"""One printed part as it lies on the bed: closed, one body, thick enough, without support."""

from types import SimpleNamespace

import manifold3d
import numpy as np
import trimesh

from ..mesh import solid
from . import Result

SAMPLES = 8000
SKIN = 1e-3  # mm: where a ray starts under the surface
OPPOSITE = -0.9  # cosine: only a face that looks the other way bounds a wall
SPECK = 2.0  # mm2: smaller overhangs are left by tessellation


def closed(mesh: trimesh.Trimesh) -> list[str]:
    """Watertight with consistent winding, one body, and a manifold to a second library."""
    found = []
    if not (mesh.is_watertight and mesh.is_winding_consistent):
        found.append("the surface is not closed")
    bodies = mesh.body_count
    if bodies != 1:
        found.append(f"{bodies} bodies instead of one")
    status = solid(mesh).status()
    if status != manifold3d.Error.NoError:
        found.append(f"not manifold: {status.name}")
    if mesh.volume <= 0:
        found.append("the volume is not positive")
    return found


def thinnest(mesh: trimesh.Trimesh) -> tuple[float, np.ndarray]:
    """Least wall in mm and where, by rays from samples and face centres straight inwards."""
    points, faces = trimesh.sample.sample_surface(mesh, SAMPLES, seed=1)
    big = np.flatnonzero(mesh.area_faces > 0.01)
    faces = np.concatenate([faces, big])
    points = np.concatenate([points, mesh.triangles_center[big]])
    inward = -mesh.face_normals[faces]
    origins = points + inward * SKIN
    at, ray, face = mesh.ray.intersects_location(origins, inward, multiple_hits=False)
    facing = np.einsum("ij,ij->i", mesh.face_normals[face], mesh.face_normals[faces[ray]])
    keep = facing < OPPOSITE
    if not keep.any():
        return float("inf"), np.zeros(3)
    length = np.linalg.norm(at[keep] - points[ray[keep]], axis=1)
    least = int(length.argmin())
    return float(length[least]), points[ray[keep]][least]


def overhangs(mesh: trimesh.Trimesh, limit_deg: float, bridge: float) -> list[str]:
    """Surfaces that need support: steeper than `limit_deg`, not on the bed, not a short bridge."""
    down = -mesh.face_normals[:, 2]
    steep = (down > np.cos(np.radians(90 - limit_deg)) + 1e-3) & (
        mesh.triangles_center[:, 2] > 0.05
    )
    edges = mesh.face_adjacency[steep[mesh.face_adjacency].all(axis=1)]
    groups = trimesh.graph.connected_components(edges, nodes=np.flatnonzero(steep))
    found = []
    for group in groups:
        area = mesh.area_faces[group].sum()
        if area > SPECK and not _bridges(mesh, group, bridge):
            x, y, z = mesh.triangles_center[group].mean(axis=0)
            found.append(f"{area:.0f} mm2 hang free at ({x:.0f}, {y:.0f}, {z:.1f}) on the bed")
    return found


def _bridges(mesh: trimesh.Trimesh, group: np.ndarray, longest: float) -> bool:
    """A flat ceiling no wider than `longest`, held from below along most of its rim."""
    if (mesh.face_normals[group][:, 2] > -0.999).any():
        return False
    corners = mesh.vertices[mesh.faces[group]][:, :, :2].reshape(-1, 2)
    span = trimesh.bounds.oriented_bounds_2D(corners)[1].min()
    level = mesh.triangles_center[group][:, 2].mean()
    inside = np.zeros(len(mesh.faces), dtype=bool)
    inside[group] = True
    rim = inside[mesh.face_adjacency].sum(axis=1) == 1
    pairs, edges = mesh.face_adjacency[rim], mesh.face_adjacency_edges[rim]
    length = np.linalg.norm(np.diff(mesh.vertices[edges], axis=1)[:, 0], axis=1)
    other = np.where(inside[pairs[:, 0]], pairs[:, 1], pairs[:, 0])
    held = mesh.triangles_center[other][:, 2] < level - 1e-3
    return bool(span <= longest and length[held].sum() >= 0.5 * length.sum())


def check(name: str, mesh: trimesh.Trimesh, p: SimpleNamespace) -> Result:
    """All printing checks of one part; `mesh` lies on the bed."""
    result = Result(f"print {name}", closed(mesh))
    wall, at = thinnest(mesh)
    result.figures["wall_mm"] = round(wall, 2)
    if wall < p.printer.min_wall - 0.01:
        where = ", ".join(f"{v:.0f}" for v in at)
        result.findings.append(
            f"a wall of {wall:.2f} mm at ({where}); least {p.printer.min_wall} mm"
        )
    result.findings += overhangs(mesh, p.printer.overhang, p.printer.bridge)
    size = mesh.extents
    flat, bed = sorted(size[:2]), sorted((p.printer.bed_x, p.printer.bed_y))
    if flat[0] > bed[0] or flat[1] > bed[1] or size[2] > p.printer.bed_z:
        result.findings.append(
            f"{size[0]:.1f} x {size[1]:.1f} x {size[2]:.1f} mm does not fit the printer"
        )
    result.findings = [f"{name}: {text}" for text in result.findings]
    return result
