"""Design rules of the backplane: two layers of 70 um copper ask for wider gaps (mm)."""

RULES = {
    "minimum": {
        "min_clearance": 0.18,
        "min_track_width": 0.2,
        "min_via_diameter": 0.6,
        "min_through_hole_diameter": 0.2,
        "min_hole_clearance": 0.2,
        "min_hole_to_hole": 0.25,
        "min_copper_edge_clearance": 0.3,
        "min_via_annular_width": 0.1,
        "min_resolved_spokes": 1,
    },
    "classes": {
        "Default": {"clearance": 0.18, "track": 0.2, "via": 0.6, "drill": 0.3},
    },
}
