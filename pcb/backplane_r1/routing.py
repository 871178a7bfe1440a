"""What the router is told about the backplane."""

WIDE = 0.5  # mm, for nets that carry more than a signal
WIDE_NETS = ("VIN_OR", "RMC_5V", "FAN_DRIVE")
LAYERS = "FB"
LAYER_COST = {"F": 1.0, "B": 1.6}  # the back is the return of the busbar: cut it little
PLANES = {"GND": ""}  # poured on both sides
NO_PLANE_VIA = ("J6", "C12", "C13", "C14")  # joined by the pour
