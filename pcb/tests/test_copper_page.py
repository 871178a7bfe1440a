"""Copper for current: the rule can fail, and every net that carries amperes is measured."""

import importlib

from racklet_pcb import copper_page

WIDE = ("BUSBAR, J1 to Q201, layer F, 2.5 A", 3.0, 0.7, "mm")
NARROW = ("RMC_5V, L1 to J9, layer F, 3 A", 0.2, 0.45, "mm")
TIGHT = ("VIN, Q201 to R213, layer F, 2.5 A", 0.8, 0.7, "mm")


def test_copper_without_what_must_be_left_over_is_named_with_both_figures() -> None:
    assert copper_page.broken([WIDE, NARROW, TIGHT]) == [
        "RMC_5V, L1 to J9, layer F, 3 A: 0.2 mm of copper, 0.54 mm asked",
        "VIN, Q201 to R213, layer F, 2.5 A: 0.8 mm of copper, 0.84 mm asked",
    ]


def test_the_page_shows_what_is_left_over() -> None:
    text = copper_page.page({"some_board": [WIDE]})
    assert "| BUSBAR, J1 to Q201, layer F, 2.5 A | 3.00 mm | 0.70 mm | 329% |" in text


def test_the_whole_way_of_the_current_is_measured() -> None:
    for board, ways in (
        ("bmc_rp2040_r1", {"BUSBAR", "VIN", "EF_IN", "VEF", "BUCK_SW", "BUCK_OUT", "+5V"}),
        ("backplane_r1", {"DC_IN", "VIN_OR", "BUSBAR", "SLOT1_V", "SLOT5_V", "PD_VBUS", "RMC_5V"}),
    ):
        copper = importlib.import_module(f"{board}.copper")
        assert ways <= {path[0] for path in copper.PATHS}
        assert {layer for path in copper.PATHS for layer in path[1]} <= set(copper.COPPER_MM)
