"""The backplane's mechanical figures. Literals only; millimetres.

Origin: upper left corner seen from the socket side (from the front of the rack); x to the right,
y down, z towards the viewer. A seated BMC board stands on edge: its x axis points along z, its
y axis along y, its component side faces -x, the compute unit is on its +x side.
"""

NAME = "backplane_r1"
THICKNESS = 1.6
WIDTH, HEIGHT, CORNER_RADIUS = 200.0, 100.0, 2.0

SLOT_PITCH = 40.0
SLOTS = [{"slot": n, "refdes": f"J{n}", "x": 20.0 + 40.0 * (n - 1), "y": 35.0} for n in range(1, 6)]

# The socket (PCI Express x4, vertical, through hole) and where it holds the card.
SOCKET = {
    "box": [7.7, 39.0],  # x, y
    "height": 11.25,
    "contact1_y": 18.5,  # contact 1 of every slot; side B is at -x
    "card_offset_x": 0.0,  # the card's middle plane against the slot's x
    "card_shoulder_z": 11.6,  # x = 0 of the BMC board over the backplane's front surface
    "bmc_origin_y": 7.0,  # y = 0 of the BMC board
}

HOLES = [
    {"x": x, "y": y, "diameter": 3.2, "keepout_diameter": 7.0, "thread": "M3"}
    for x, y in (
        (5, 5),
        (80, 5),
        (120, 5),
        (195, 5),
        (80, 66),
        (120, 66),
        (5, 95),
        (195, 95),
    )
]

CONNECTORS = [
    {
        "refdes": "J6",
        "kind": "USB-C receptacle, USB-PD sink, 20 V 5 A",
        "faces": "+x",
        "box": [192.9, 64.5, 7.6, 9.0],
        "height": 3.3,
        "opening": [12.0, 7.0],
    },
    {
        "refdes": "J7",
        "kind": "XT30PW-M, 12-20 V 10 A",
        "faces": "+x",
        "box": [185.2, 75.8, 16.0, 14.4],
        "height": 5.2,
        "opening": [12.0, 7.0],
    },
    {
        "refdes": "J8",
        "kind": "RMC header, 2x5, 2.54 mm: SMBus, SMBALERT#, fan, 3.3 V, ground",
        "faces": "+z",
        "box": [9.6, 86.7, 21.0, 9.3],
        "height": 8.5,
    },
    {
        "refdes": "J9",
        "kind": "5 V to the RMC, JST VH 2-pin",
        "faces": "+z",
        "box": [10.0, 76.2, 8.0, 8.7],
        "height": 12.0,
    },
    {
        "refdes": "J10",
        "kind": "fan, 4-pin 2.54 mm",
        "faces": "+z",
        "box": [20.5, 77.0, 10.7, 6.6],
        "height": 11.5,
    },
]

TALL = [
    {"what": "input electrolytic, 10 x 12.5 mm", "height": 13.0},
    {"what": "mini blade fuse in its holder", "height": 16.0},
]
TALLEST = 16.0
FAR_SIDE = 3.0  # through-hole pins
