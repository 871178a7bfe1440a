"""Ways to break a rack without building it anew."""

from types import SimpleNamespace

import trimesh


def clone(rack, **changed):
    """The rack with meshes replaced or shifted: name=(mesh or None, shift)."""
    pieces = []
    for piece in rack.pieces:
        mesh, shift = changed.get(piece.name, (None, (0, 0, 0)))
        mesh = (mesh if mesh is not None else piece.mesh).copy()
        mesh.apply_translation(shift)
        pieces.append(
            SimpleNamespace(
                name=piece.name,
                slot=piece.slot,
                mesh=mesh,
                shifted=lambda by, m=mesh: m.copy().apply_translation(by),
            )
        )
    return SimpleNamespace(
        lay=rack.lay,
        pieces=pieces,
        flats=rack.flats,
        blade=lambda slot: [p for p in pieces if p.slot == slot],
        rest=lambda slot: [p for p in pieces if p.slot != slot],
    )


def with_lump(rack, name, lo, hi):
    lump = trimesh.creation.box(bounds=[lo, hi])
    whole = trimesh.boolean.union([rack.piece(name).mesh, lump], engine="manifold")
    return clone(rack, **{name: (whole, (0, 0, 0))})
