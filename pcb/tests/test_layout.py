"""Layout rules that need no KiCad: read from placement, hand copper and routes.

Rule, value and where it comes from stand in RULES of each check.
"""

import importlib
import json
import math
import re
from typing import Any

import pytest
from racklet_pcb.netlist import of_json
from racklet_pcb.truth import PCB

NAME = "bmc_rp2040_r1"
PLACES: dict[str, Any] = json.loads((PCB / NAME / "placement.json").read_text())
ROUTES: dict[str, Any] = json.loads((PCB / NAME / "routes.json").read_text())
N = of_json(PCB / NAME / "netlist.json")
COPPER = importlib.import_module(f"{NAME}.copper")


def apart(a: str, b: str) -> float:
    return math.dist(PLACES[a][:2], PLACES[b][:2])


def length(net: str) -> float:
    return sum(
        math.dist(p, q)
        for name, _, _, points in ROUTES["tracks"]
        if name == net
        for p, q in zip(points, points[1:], strict=False)
    )


def zone(net: str, board: Any = COPPER) -> list[list[tuple[float, float]]]:
    return [z["outline"] for z in board.ZONES if z["net"] == net and "F" in z["layers"]]


def inside(point: tuple[float, float], outline: list[tuple[float, float]]) -> bool:
    x, y = point
    hit = False
    for (x0, y0), (x1, y1) in zip(outline, outline[1:] + outline[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            hit = not hit
    return hit


def test_every_part_has_a_place() -> None:
    assert set(PLACES) - {"fingerprint"} == set(N.parts)


@pytest.mark.parametrize(
    ("a", "b", "most", "source"),
    [
        ("U4", "C303", 3.2, "TI SLUSEP7 10.1: input ceramic at VIN and ground pad"),
        ("U4", "C301", 6.0, "TI SLUSEP7 10.1"),
        ("U4", "L1", 8.5, "TI SLUSEP7 10.1: short switch node"),
        ("U4", "C305", 3.0, "TI SLUSEP7 10.1: bootstrap at its pins"),
        ("U1", "Y1", 9.0, "RP2040 hardware guide: crystal close, XIN pin is 3.5 mm off centre"),
        ("U1", "U2", 20.0, "RP2040 hardware guide: short QSPI"),
        ("D201", "J1", 40.0, "clamp on the busbar's way in"),
        ("R306", "U8", 8.0, "SLYS021: monitor beside its shunt"),
        ("R213", "U9", 8.0, "SLYS021"),
        ("J3", "U17", 9.0, "USBLC6 before anything else"),
        ("U10", "U4", 16.0, "temperature sensor near the regulator"),
    ],
)
def test_parts_that_belong_together_are_together(a: str, b: str, most: float, source: str) -> None:
    assert apart(a, b) <= most, f"{a} to {b}: {apart(a, b):.1f} mm, {source}"


def test_decouplers_stand_by_the_chip_they_serve() -> None:
    near = importlib.import_module(f"{NAME}.placement").NEAR
    far = {c: round(apart(c, chip), 1) for c, (chip, _) in near.items() if apart(c, chip) > 11.0}
    assert far == {}


@pytest.mark.parametrize(
    ("net", "shunt", "filter_r"),
    [
        ("BUCK_OUT", "R306", "R711"),
        ("+5V", "R306", "R712"),
        ("EF_OUT", "R213", "R721"),
        ("VEF", "R213", "R722"),
    ],
)
def test_sense_tracks_run_from_the_shunt_to_the_filter_outside_the_pour(
    net: str, shunt: str, filter_r: str
) -> None:
    tracks = [t for t in COPPER.TRACKS if t[0] == net]
    assert len(tracks) == 1
    start, end = tracks[0][3][0], tracks[0][3][-1]
    assert math.dist(start, PLACES[shunt][:2]) < 4.0
    assert math.dist(end, PLACES[filter_r][:2]) < 1.0
    assert not any(inside(end, z) for z in zone(net)), f"{filter_r} lies in the {net} pour"


def test_the_clamp_returns_into_the_ground_plane_within_five_mm() -> None:
    x, y, _ = PLACES["D201"]
    pad = (x, y + 2.15)
    vias = [p for net, points in COPPER.VIAS if net == "GND" for p in points]
    assert sum(math.dist(pad, v) < 5.0 for v in vias) >= 3


def test_usb_data_lines_are_of_one_length() -> None:
    assert abs(length("USB_DP") - length("USB_DM")) < 6.0  # full speed: 1 ns skew is 150 mm


def test_the_busbar_of_the_backplane_is_as_wide_as_calculated() -> None:
    rack = importlib.import_module("calc.rack")
    board = importlib.import_module("backplane_r1.copper")
    (bar,) = zone("BUSBAR", board)
    for x in (21.0, 41.0, 61.0, 101.0, 141.0):
        ys = [y / 10 for y in range(550, 800) if inside((x, y / 10), bar)]
        assert max(ys) - min(ys) >= rack.BUSBAR_WIDTH * 1e3 - 0.2, x


def test_the_header_is_where_the_hat_specification_wants_it() -> None:
    assert PLACES["J2"] == [8.37, 4.77, 270, "B"]  # pin 1, on the far side


def test_the_bring_up_page_names_the_test_points_as_they_are() -> None:
    text = (PCB.parent / "docs" / "hardware" / "bring-up.md").read_text()
    named = re.findall(r"(TP\d+) `([^`]+)`", text)
    assert len(named) > 10
    for point, net in named:
        assert N.pins[point, "1"] == net
