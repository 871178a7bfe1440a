"""The printing checks pass a good part and fail a broken one."""

import numpy as np
import trimesh
from racklet_enclosure import parts
from racklet_enclosure.checks import printable
from racklet_enclosure.mesh import on_bed
from shapely.geometry import Polygon


def bed(rack, name):
    return on_bed(rack.flats[name], parts.module(name).UP)


def findings(rack, mesh):
    return " ".join(printable.check("broken", mesh, rack.lay.p).findings)


def brick(x, y, z):
    return trimesh.creation.box(bounds=list(zip(x, y, z, strict=True)))


def fused(*meshes):
    return trimesh.boolean.union(meshes, engine="manifold")


def test_a_good_part_passes(rack):
    assert findings(rack, bed(rack, "tray_front")) == ""


def test_a_missing_triangle_is_seen(rack):
    mesh = bed(rack, "foot")
    mesh.update_faces(np.arange(len(mesh.faces)) != 5)
    assert "the surface is not closed" in findings(rack, mesh)


def test_a_flipped_triangle_is_seen(rack):
    mesh = bed(rack, "foot")
    mesh.faces[3] = mesh.faces[3][::-1]
    assert "the surface is not closed" in findings(rack, mesh)


def test_a_loose_crumb_is_seen(rack):
    crumb = brick((0, 2), (0, 2), (30, 32))
    assert "2 bodies" in findings(rack, trimesh.util.concatenate([bed(rack, "foot"), crumb]))


def test_a_surface_that_is_not_manifold_is_seen(rack):
    mesh = bed(rack, "calibration_key")
    mesh = trimesh.Trimesh(mesh.vertices, np.vstack([mesh.faces, mesh.faces[:1]]), process=False)
    assert "not manifold" in findings(rack, mesh)


def test_a_sliver_of_a_tenth_is_seen(rack):
    part = bed(rack, "calibration_key")
    sliver = brick((5, 35), (9.95, 10.05), (1, 12))
    assert "a wall of 0.10 mm" in findings(rack, fused(part, sliver))


def test_a_ledge_that_hangs_free_is_seen(rack):
    part = bed(rack, "calibration_key")
    post, arm = brick((0, 5), (0, 20), (1, 20)), brick((0, 30), (0, 20), (18, 20))
    assert "hang free" in findings(rack, fused(part, post, arm))


def test_a_slope_just_over_the_limit_is_seen_and_just_under_is_not(rack):
    def wedge(run):
        outline = [(0, 0), (10, 0), (10 + run, 10), (10 + run, 12), (0, 12)]
        body = trimesh.creation.extrude_polygon(Polygon(outline), 20)
        body.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0]))
        body.apply_translation(-body.bounds[0])
        return body

    assert "hang free" in findings(rack, wedge(11.0))
    assert "hang free" not in findings(rack, wedge(9.5))


def test_a_long_bridge_is_seen_and_a_short_one_is_not(rack):
    def gate(span):
        return fused(
            brick((0, 5), (0, 20), (0, 10)),
            brick((5 + span, 10 + span), (0, 20), (0, 10)),
            brick((0, 10 + span), (0, 20), (9, 12)),
        )

    assert "hang free" in findings(rack, gate(rack.lay.p.printer.bridge + 1))
    assert "hang free" not in findings(rack, gate(rack.lay.p.printer.bridge - 1))


def test_a_short_cantilever_is_no_bridge(rack):
    part = fused(brick((0, 5), (0, 20), (0, 10)), brick((0, 8), (0, 20), (8, 10)))
    assert "hang free" in findings(rack, part)


def test_a_part_larger_than_the_bed_is_seen(rack):
    assert "does not fit" in findings(rack, brick((0, 221), (0, 50), (0, 5)))
    assert "does not fit" in findings(rack, brick((0, 20), (0, 50), (0, 251)))
