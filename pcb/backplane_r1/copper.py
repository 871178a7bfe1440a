"""Copper of the backplane that is drawn by rule, not routed (mm). Two layers of 70 um.

Front: the busbar as one 15.7 mm wide bar, narrow only at the last slot, fused into each slot.
Back: ground, whole.
"""

from .mechanics import HEIGHT, SLOTS, WIDTH

LAYERS = 2
INSIDE = [(0.5, 0.5), (WIDTH - 0.5, 0.5), (WIDTH - 0.5, HEIGHT - 0.5), (0.5, HEIGHT - 0.5)]
SOLID = {"solid": True, "priority": 5, "clearance": 0.3}

ZONES = [
    {"net": "GND", "layers": "FB", "outline": INSIDE, "clearance": 0.25},
    {
        "net": "BUSBAR",
        "layers": "F",
        "outline": [
            *(
                (10.0, 60.0),
                (183.8, 60.0),
                (183.8, 63.9),
                (152.0, 63.9),
                (152.0, 81.5),
                (134.0, 81.5),
                (134.0, 80.2),
            ),
            *((107.0, 80.2), (107.0, 75.7), (57.5, 75.7), (57.5, 85.8), (53.0, 85.8)),
            *((53.0, 84.45), (53.2, 82.4), (53.5, 79.0), (53.5, 75.7), (10.0, 75.7)),
        ],
        **SOLID,
    },
    *(
        {
            "net": f"SLOT{s['slot']}_V",
            "layers": "F",
            "outline": [
                (s["x"] + dx, y) for dx, y in ((-4.6, 37.6), (4.6, 37.6), (4.6, 57.8), (-4.6, 57.8))
            ],
            **SOLID,
        }
        for s in SLOTS
    ),
    {
        "net": "VIN_OR",
        "layers": "F",
        "outline": [
            *((158.2, 74.8), (164.0, 65.2), (174.6, 65.2), (174.6, 70.8), (170.5, 72.5)),
            *((170.5, 79.3), (176.1, 79.3), (176.1, 84.8), (170.0, 84.8), (166.0, 82.2)),
            (158.2, 82.2),
        ],
        **SOLID,
    },
    {
        "net": "PD_SWITCHED",
        "layers": "F",
        "outline": [
            *((175.7, 66.95), (178.2, 66.95), (178.6, 65.4), (182.6, 65.4), (182.6, 70.6)),
            (175.7, 70.6),
        ],
        **SOLID,
    },
    # Two fingers to the connector's supply pads; the CC pads between them stay free. The clamp
    # hangs on a strip on the right: left of it the gate of Q1 reaches its parts.
    {
        "net": "PD_VBUS",
        "layers": "F",
        "outline": [
            *((185.2, 56.0), (188.3, 56.0), (190.3, 58.5), (190.3, 66.25)),
            *((192.9, 66.25), (192.9, 66.85), (190.3, 66.85), (190.3, 71.15), (192.9, 71.15)),
            *((192.9, 71.75), (190.3, 71.75), (190.0, 72.55), (185.5, 72.55), (185.5, 66.9)),
            *((188.2, 66.9), (188.2, 60.2), (185.2, 60.2)),
        ],
        **SOLID,
    },
    {
        "net": "DC_IN",
        "layers": "F",
        "outline": [(177.2, 80.7), (181.0, 78.4), (189.4, 78.4), (189.4, 82.6), (177.2, 84.4)],
        **SOLID,
    },
    {
        "net": "RMC_SW",
        "layers": "F",
        "outline": [
            *((45.8, 84.6), (50.9, 84.6), (50.9, 85.92), (49.9, 85.95), (49.9, 86.2)),
            *((48.85, 86.3), (48.85, 89.1), (45.8, 89.1)),
        ],
        **SOLID,
    },
    {
        "net": "RMC_5V",
        "layers": "F",
        "outline": [
            *((10.5, 78.2), (13.6, 78.2), (13.6, 83.6), (23.4, 83.6), (23.4, 78.6), (25.7, 78.6)),
            *((25.7, 82.4), (31.0, 82.4), (33.0, 80.0), (42.9, 80.0), (42.9, 92.4), (36.9, 92.4)),
            *((36.9, 86.2), (10.5, 86.2)),
        ],
        **SOLID,
    },
]

TRACKS = [
    ("RMC_BOOT", "F", 0.2, [(50.5, 86.25), (50.0, 86.25), (49.3, 86.88)]),
    # The return of the whole rack leaves J7 over more than the spokes of a thermal relief.
    *(("GND", layer, 3.0, [(183.5, 85.5), (191.5, 85.5)]) for layer in "FB"),
    *(("GND", layer, 3.0, [(187.5, 85.5), (187.5, 89.5)]) for layer in "FB"),
    # So does the return of the USB-C cable, into the shell's pins.
    ("GND", "F", 0.5, [(192.6, 65.75), (192.6, 64.7)]),
    ("GND", "F", 0.5, [(192.6, 72.25), (192.6, 73.3)]),
]

VIAS = [
    ("GND", [(52.5, y) for y in (79.6, 80.6, 81.6)]),
    ("GND", [(33.4, y) for y in (83.2, 84.8, 86.7, 88.3, 90.2, 91.8)]),
    ("GND", [(x, 88.5) for x in (110.8, 112.0, 113.2, 123.8, 125.0, 126.2)]),
    ("GND", [(x, 87.5) for x in (136.5, 138.0, 139.5)]),
]

TEXTS = [
    ("Racklet backplane r1", "F", (100.0, 96.5), 2.0),
    ("Apache-2.0", "F", (130.0, 96.5), 1.2),
    ("NOT PCI EXPRESS: 20 V ON THE LANES", "F", (100.0, 9.5), 1.5),
    *((f"SLOT {s['slot']}", "F", (s["x"], 12.5), 1.5) for s in SLOTS),
]

# What a person looks for, beside the part.
LABELS = {
    "J6": "USB-PD 20V 5A",
    "J7": "12-20V 15A",
    "J8": "RMC",
    "J9": "RMC 5V: + -",
    "J10": "FAN 5V",
    "F6": "15A (12V) 10A (20V)",
}

# What racklet_pcb.necks measures: amperes of five units at 25 W from 12 V, of one, of USB-PD.
COPPER_MM = {"F": 0.07, "B": 0.07}
PATHS = [
    ("DC_IN", "F", "J7", "Q3", 11.6),
    ("VIN_OR", "F", "Q3", "F6", 11.6),
    ("VIN_OR", "F", "Q2", "F6", 5.0),
    ("BUSBAR", "F", "F6", "F4", 11.6),
    ("BUSBAR", "F", "F6", "F5", 2.5),
    ("BUSBAR", "F", "F6", "F1", 2.5),
    *((f"SLOT{n}_V", "F", f"F{n}", f"J{n}", 2.5) for n in range(1, 6)),
    ("PD_SWITCHED", "F", "Q1", "Q2", 5.0),
    ("PD_VBUS", "F", (188.6, 66.5, 190.2, 71.0), "Q1", 5.0),
    ("RMC_5V", "F", "L1", "J9", 3.0),
]
# The two fingers between the pads of the USB-C connector.
CUTS = [("PD_VBUS", "F", (191.6, 65.5), (191.6, 72.5), 5.0)]
VIA_FIELDS: list[tuple[str, tuple[float, float, float, float], float]] = []
