"""Copper of the BMC board that is drawn by rule, not routed (mm, axes as in mechanics).

Stack: F signals and power, 1 ground, 2 3.3 V with a few signals, B signals and ground. The rules
and where they come from are checked in racklet_pcb.layout_rules.
"""

from .mechanics import HEIGHT, WIDTH

LAYERS = 4

Point = tuple[float, float]


def grid(xs: list[float], ys: list[float]) -> list[Point]:
    return [(x, y) for x in xs for y in ys]


# The board inset by 0.4 mm, with the tongue for the ground of the fingers.
INSIDE = [
    *((0.4, 0.4), (WIDTH - 0.4, 0.4), (WIDTH - 0.4, HEIGHT - 0.4), (0.4, HEIGHT - 0.4)),
    *((0.4, 44.7), (-3.4, 44.7), (-3.4, 24.4), (0.4, 24.4)),
    *((0.4, 21.6), (-3.4, 21.6), (-3.4, 11.3), (0.4, 11.3)),
]
RAIL_5V = [
    *((6.9, 0.9), (12.1, 0.9), (12.1, 3.5), (15.4, 6.3), (15.4, 10.2), (13.0, 10.2)),
    *((12.2, 11.1), (8.1, 11.1), (6.9, 9.9)),
]
# On the inner layer the way out of pin 1, the compute unit's 3.3 V, stays free.
RAIL_5V_INNER = [
    *((9.6, 0.9), (12.1, 0.9), (12.1, 3.5), (15.4, 6.3), (15.4, 10.2), (13.0, 10.2)),
    *((12.2, 11.1), (9.6, 11.1)),
]
SOLID = {"solid": True, "priority": 5}

ZONES = [
    {"net": "GND", "layers": "FB", "outline": INSIDE},
    {"net": "GND", "layers": "1", "outline": INSIDE},
    {"net": "+3V3", "layers": "2", "outline": [(x, y) for x, y in INSIDE if x >= 0.4]},
    # Busbar: component side fingers, transient clamp, damper, blocking FET, IN_SYS, standby fuse.
    {
        "net": "BUSBAR",
        "layers": "F",
        "outline": [
            *((-3.4, 30.9), (5.0, 30.9), (6.2, 28.0), (9.05, 28.0), (9.05, 29.72), (7.5, 29.72)),
            *((7.5, 31.3), (9.4, 31.3), (9.4, 37.38), (16.0, 37.4), (16.0, 37.86)),
            *((14.9, 37.86), (14.6, 38.3), (13.7, 38.3)),
            *((13.7, 39.1), (12.2, 39.1), (10.4, 38.6), (10.0, 39.4), (10.0, 41.3)),
            *((11.3, 41.3), (11.5, 44.5), (6.2, 44.5), (6.2, 46.2), (2.2, 46.2)),
            *((2.2, 44.0), (0.4, 43.0), (-3.4, 43.0)),
        ],
        **SOLID,
    },
    {
        "net": "BUSBAR",
        "layers": "B",
        "outline": [(-3.4, 32.9), (6.0, 32.9), (6.0, 43.1), (-3.4, 43.1)],
        **SOLID,
    },
    # The edge of each zone towards the middle of a shunt is the pad's inner edge: nothing but
    # the sense tracks leaves there.
    {
        "net": "VIN",
        "layers": "F",
        "outline": [
            *((9.6, 28.3), (11.9, 26.0), (16.0, 26.0), (16.0, 27.2), (12.75, 27.2)),
            *((12.35, 28.6), (12.2, 30.5), (9.6, 30.5)),
        ],
        **SOLID,
    },
    {
        "net": "EF_IN",
        "layers": "F",
        "outline": [
            *((12.6, 32.0), (16.0, 32.0), (16.95, 33.6), (16.95, 35.95), (12.2, 35.95)),
            *((10.6, 35.2), (10.6, 33.85), (12.0, 33.85)),
        ],
        **SOLID,
    },
    # Standby tap: under the busbar to its fuse.
    {
        "net": "EF_IN",
        "layers": "B",
        "outline": [(12.0, 34.2), (14.6, 34.2), (14.6, 40.0), (13.6, 46.0), (12.2, 46.0)],
        **SOLID,
    },
    {
        "net": "EF_IN",
        "layers": "F",
        "outline": [(12.2, 42.6), (15.2, 42.6), (15.2, 46.1), (12.2, 46.1)],
        **SOLID,
    },
    {
        "net": "VEF",
        "layers": "F",
        "outline": [
            *((23.0, 19.45), (23.2, 17.5), (23.5, 10.3), (25.9, 10.3), (25.9, 18.9)),
            *((32.9, 19.2), (32.9, 27.5), (31.9, 33.6), (30.5, 35.9), (26.0, 36.1)),
            *((23.6, 36.1), (21.1, 35.95), (21.1, 34.0), (24.4, 33.5), (28.1, 32.0)),
            *((28.1, 21.3), (26.5, 20.95), (23.0, 20.98)),
        ],
        **SOLID,
    },
    {
        "net": "BUCK_SW",
        "layers": "F",
        "outline": [
            *((15.8, 18.5), (20.2, 18.5), (20.9, 19.2), (20.9, 20.92), (19.9, 20.95), (19.9, 21.2)),
            *((18.85, 21.3), (18.85, 24.1), (15.8, 24.1)),
        ],
        **SOLID,
    },
    {
        "net": "BUCK_OUT",
        "layers": "F",
        "outline": [
            *((8.2, 15.95), (11.8, 15.95), (11.8, 18.4), (12.9, 19.2), (12.9, 24.2)),
            *((9.3, 27.3), (6.9, 27.3), (6.9, 17.6), (8.2, 17.2)),
        ],
        **SOLID,
    },
    {"net": "+5V", "layers": "FB", "outline": RAIL_5V, **SOLID},
    {"net": "+5V", "layers": "2", "outline": RAIL_5V_INNER, **SOLID},
    # Standby: fuse, pulse resistor, diode, hold-up, converter.
    {
        "net": "STBY_F",
        "layers": "F",
        "outline": [
            *((17.7, 42.7), (19.7, 42.7), (19.7, 50.2), (18.2, 50.2), (18.0, 46.3)),
            (17.7, 46.1),
        ],
        **SOLID,
    },
    {
        "net": "STBY_R",
        "layers": "F",
        "outline": [
            *((12.2, 47.0), (13.7, 47.0), (14.0, 50.4), (15.4, 51.9), (15.4, 54.2)),
            *((12.6, 54.2), (12.2, 50.4)),
        ],
        **SOLID,
    },
    {
        "net": "VHOLD",
        "layers": "F",
        "outline": [
            *((16.9, 51.7), (19.9, 51.4), (20.6, 49.3), (22.2, 49.3), (22.2, 42.6)),
            *((24.4, 42.6), (24.4, 51.9), (19.2, 54.3), (16.9, 54.3)),
        ],
        **SOLID,
    },
    {
        "net": "STBY_IN",
        "layers": "F",
        "outline": [
            *((26.3, 42.6), (29.0, 40.4), (29.6, 38.9), (31.0, 38.8), (31.0, 43.6)),
            *((30.4, 45.2), (33.6, 46.2), (33.6, 48.8), (31.9, 48.8), (29.4, 45.2)),
            (26.3, 45.2),
        ],
        **SOLID,
    },
    {
        "net": "STBY_SW",
        "layers": "F",
        "outline": [
            *((32.2, 37.95), (33.4, 37.6), (35.5, 36.6), (35.5, 39.8), (33.4, 38.8)),
            (32.2, 38.45),
        ],
        **SOLID,
    },
    {
        "net": "+3V3",
        "layers": "F",
        "outline": [
            *((37.0, 36.7), (38.5, 36.7), (38.95, 38.0), (38.95, 45.6), (37.2, 45.6)),
            *((37.2, 39.8), (37.0, 39.7)),
        ],
        **SOLID,
    },
]

# Kelvin sensing: each track leaves the inner edge of a shunt's pad and ends at its filter
# resistor. Bootstrap: short and beside the switch node.
TRACKS = [
    ("BUCK_OUT", "F", 0.2, [(11.2, 16.2), (11.2, 15.0), (12.49, 15.0)]),
    ("+5V", "F", 0.2, [(11.2, 10.8), (11.2, 12.0), (12.49, 12.0)]),
    ("VIN", "F", 0.2, [(15.5, 27.0), (15.5, 28.1), (16.79, 28.1)]),
    ("EF_IN", "F", 0.2, [(15.5, 32.2), (15.5, 31.1), (16.79, 31.1)]),
    ("BUCK_BOOT", "F", 0.2, [(20.5, 21.25), (20.0, 21.25), (19.3, 21.88)]),
]

# Its decoupler beside a supply pin of the RP2040, by the shortest way.
TRACKS.append(("+3V3", "F", 0.15, [(42.25, 25.0), (43.4, 25.0)]))

# Ground fingers between the busbar's: each pair of one per side shares a via beside them.
for _front, _back, _via in (
    *((33.5, 32.5, 33.0), (34.5, 35.5, 35.0), (37.5, 36.5, 37.0), (38.5, 39.5, 39.0)),
    (41.5, 40.5, 41.0),
):
    TRACKS.append(("GND", "F", 0.4, [(-3.0, _front), (-2.1, _via)]))
    TRACKS.append(("GND", "B", 0.4, [(-3.0, _back), (-2.1, _via)]))

VIAS = [
    # Fingers of ground, between the fingers of busbar on the other side.
    ("GND", [(-2.1, y) for y in (12.5, 13.5, 14.5, 19.5, 24.5, 27.5, 29.5, 30.5)]),
    ("GND", [(-2.1, y) for y in (33.0, 35.0, 37.0, 39.0, 41.0, 44.0)]),
    ("BUSBAR", grid([1.2, 2.2, 3.2, 4.2, 5.2], [33.5, 35.0, 38.5, 40.0, 41.5])),
    ("EF_IN", [*grid([12.5, 13.4, 14.2], [34.6, 35.4]), *grid([12.6, 13.2], [43.2, 44.1, 45.0])]),
    ("+5V", grid([7.6, 8.8, 10.0, 11.2], [7.2, 8.4])),
    # Return of the hot loop: from the input capacitors' ground straight into the plane.
    ("GND", grid([22.5], [11.2, 12.1, 13.0, 14.7, 15.6, 16.5])),
    ("GND", [(21.0, 13.85), (21.8, 13.85), (21.0, 17.4), (21.8, 17.4)]),
    # Output capacitors.
    ("GND", grid([3.3], [18.3, 19.1, 19.9, 21.7, 22.5, 23.3, 25.1, 25.9])),
    # Clamp: its return within 5 mm.
    ("GND", [(8.2, 48.9), (9.5, 49.1), (10.8, 48.9), (7.4, 47.2)]),
    # 3.3 V into its plane, hold-up and standby ground.
    ("+3V3", grid([37.5, 38.1, 38.7], [40.3, 40.9])),
    ("GND", grid([34.9, 35.6], [41.0, 43.5])),
]

TEXTS = [
    ("NOT PCI", "F", (3.2, 36.2), 0.9),
    ("EXPRESS", "F", (3.2, 37.4), 0.9),
    ("Racklet BMC r1", "F", (55.5, 41.2), 1.2),
    ("Apache-2.0", "F", (55.5, 43.0), 0.8),
    ("NOT PCI EXPRESS: 20 V ON THE LANES", "B", (22.0, 47.5), 1.2),
    ("Racklet BMC r1", "B", (22.0, 50.0), 1.5),
]

# What a person looks for, beside the part.
LABELS = {
    "J3": "USB",
    "J4": "SWD",
    "J5": "UART",
    "SW1": "BOOTSEL",
    "SW2": "RESET",
    "D301": "5V",
    "D404": "3V3",
    "D601": "ST",
    "D602": "FLT",
    "JP801": "ID WP",
}

# What racklet_pcb.necks measures: amperes of a unit at 25 W from 11.1 V, and of its 5 V rail.
COPPER_MM = {"F": 0.035, "1": 0.0175, "2": 0.0175, "B": 0.035}
HEADER = (7.4, 6.8, 11.4, 8.8)  # the vias of the 5 V rail at the header
PATHS = [
    ("BUSBAR", "F", "J1", "Q201", 2.5),
    ("BUSBAR", "B", "J1", (1.0, 33.3, 5.4, 41.7), 1.25),
    ("VIN", "F", "Q201", "R213", 2.5),
    ("EF_IN", "F", "R213", "U3", 2.5),
    ("VEF", "F", "U3", "C301", 2.5),
    ("VEF", "F", "U3", "U4", 2.5),
    ("BUCK_SW", "F", "U4", "L1", 5.0),
    ("BUCK_OUT", "F", "L1", "R306", 5.0),
    ("+5V", "F", "R306", HEADER, 5.0),
    ("EF_IN", "B", (12.3, 34.4, 14.4, 35.6), (12.4, 43.0, 13.4, 45.2), 0.15),
    ("STBY_F", "F", "F401", "R401", 0.15),
]
# Between the pins of the header's first row to pins 2 and 4.
CUTS = [("+5V", "F2B", (6.5, 4.77), (15.6, 4.77), 5.0)]
VIA_FIELDS = [
    ("BUSBAR", (1.0, 33.3, 5.4, 41.7), 1.25),
    ("+5V", HEADER, 3.4),
    ("EF_IN", (12.3, 34.4, 14.4, 35.6), 0.15),
]
