"""Solids to triangle meshes, in rack coordinates or as they lie on the print bed."""

import manifold3d
import numpy as np
import trimesh

from .shapes import Part, Vector

TOLERANCE, ANGLE = 0.02, 0.25  # mm, rad: finer than any printer


def mesh_of(shape: Part) -> trimesh.Trimesh:
    """The triangle mesh of a solid."""
    points, faces = shape.tessellate(TOLERANCE, ANGLE)
    mesh = trimesh.Trimesh(np.array([(v.X, v.Y, v.Z) for v in points]), np.array(faces))
    mesh.merge_vertices()
    return mesh


def to_bed(up: Vector) -> np.ndarray:
    """The rotation (4 x 4) that turns the direction `up` to +Z."""
    return trimesh.geometry.align_vectors([up.X, up.Y, up.Z], [0, 0, 1])


def on_bed(mesh: trimesh.Trimesh, up: Vector) -> trimesh.Trimesh:
    """The mesh as it is printed: `up` away from the bed, lowest point and corner at 0."""
    turned = mesh.copy()
    turned.apply_transform(to_bed(up))
    turned.apply_translation(-turned.bounds[0])
    return turned


def solid(mesh: trimesh.Trimesh) -> manifold3d.Manifold:
    """The mesh for booleans; the status says whether it is manifold."""
    return manifold3d.Manifold(
        manifold3d.Mesh64(mesh.vertices.astype(np.float64), mesh.faces.astype(np.uint64))
    )
