"""The BMC board's mechanical figures. Literals only; millimetres.

Origin: the corner of the HAT outline beside pin 1 of the 40-pin header, seen from the component
side; x to the right, y down (KiCad's axes), z up from the component surface. Negative z is the
side of the compute unit. Outline, hole pattern and header position are those of the Raspberry Pi
HAT specification (65 x 56 mm, 3 mm corners, holes 58 x 49 mm, clear of copper to 6.2 mm).
"""

NAME = "bmc_rp2040_r1"
THICKNESS = 1.57  # PCI Express card electromechanical specification: 1.57 +- 0.13
WIDTH, HEIGHT, CORNER_RADIUS = 65.0, 56.0, 3.0

# Contact 1 of the card edge, and the tongue in the directions along the edge (y) and out (-x).
TONGUE = {
    "contact1_y": 11.5,
    "pitch": 1.0,
    "contacts": 32,
    "from_y": 10.85,
    "to_y": 45.15,
    "length": 8.4,
    "bevel": 0.5,
    "key_from_y": 22.05,
    "key_to_y": 23.95,
    "key_depth": 8.4,
    "side_b": "component side",
}

HOLES = [
    {"x": 3.5, "y": 3.5, "diameter": 2.75, "keepout_diameter": 6.2, "thread": "M2.5"},
    {"x": 61.5, "y": 3.5, "diameter": 2.75, "keepout_diameter": 6.2, "thread": "M2.5"},
    {"x": 3.5, "y": 52.5, "diameter": 2.75, "keepout_diameter": 6.2, "thread": "M2.5"},
    {"x": 61.5, "y": 52.5, "diameter": 2.75, "keepout_diameter": 6.2, "thread": "M2.5"},
]

# What reaches out of the board or must be reached: box (x, y, width, depth) and height over z = 0.
CONNECTORS = [
    {
        "refdes": "J1",
        "kind": "PCI Express x4 card edge",
        "faces": "-x",
        "box": [-8.4, 10.85, 8.4, 34.3],
        "height": 0.0,
    },
    {
        "refdes": "J2",
        "kind": "40-pin socket to the compute unit, on the far side, 11 mm stacking height",
        "faces": "-z",
        "box": [7.1, 0.96, 50.8, 5.08],
        "height": -11.0,
        "pin1": [8.37, 4.77],
    },
    {
        "refdes": "J3",
        "kind": "USB-C receptacle for flashing",
        "faces": "+y",
        "box": [41.0, 48.6, 9.0, 7.6],
        "height": 3.3,
        "opening": [12.0, 7.0],
    },
    {
        "refdes": "J4",
        "kind": "SWD, JST SH 3-pin",
        "faces": "+z",
        "box": [51.8, 50.9, 6.0, 4.3],
        "height": 4.3,
    },
    {
        "refdes": "J5",
        "kind": "debug UART, JST SH 3-pin",
        "faces": "+z",
        "box": [32.0, 50.9, 6.0, 4.3],
        "height": 4.3,
    },
]

# The tallest parts over the component side; leave 1 mm of air.
TALL = [
    {"what": "hold-up capacitor, 8 x 10.2 mm electrolytic", "height": 10.5},
    {"what": "5 V inductor", "height": 4.8},
]
TALLEST = 10.5
FAR_SIDE = 1.5  # solder joints on the far side, apart from the 40-pin socket
COMPUTE_UNIT_GAP = 11.0  # between the facing surfaces of this board and of the compute unit
