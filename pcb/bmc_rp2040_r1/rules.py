"""Design rules of the BMC board, as a pooled four-layer prototype order allows (mm)."""

RULES = {
    "minimum": {
        "min_clearance": 0.12,
        "min_track_width": 0.13,
        "min_via_diameter": 0.45,
        "min_through_hole_diameter": 0.2,
        "min_hole_clearance": 0.2,
        "min_hole_to_hole": 0.25,
        "min_copper_edge_clearance": 0.3,
        "min_via_annular_width": 0.1,
        "min_resolved_spokes": 1,
    },
    "classes": {
        "Default": {"clearance": 0.13, "track": 0.15, "via": 0.45, "drill": 0.2},
    },
}
