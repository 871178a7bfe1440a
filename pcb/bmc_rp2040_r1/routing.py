"""What the router is told about the BMC board."""

WIDE = 0.3  # mm, for nets that carry more than a signal
WIDE_NETS = (
    *("USB_VBUS", "PI_3V3", "STBY_BST", "VIN_DAMP", "DISCHG_R", "+1V1", "ADC_AVDD", "+5V"),
    *("BUSBAR", "EF_IN", "VEF", "VHOLD", "STBY_IN", "BUCK_OUT", "VIN"),
)
LAYERS = "F2B"
LAYER_COST = {"F": 1.0, "2": 2.5, "B": 1.0}
PLANES = {"GND": "1", "+3V3": "2"}  # every surface pad gets a via to its plane on that layer
NO_PLANE_VIA = ("J1",)  # fingers: their vias are drawn by hand
