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
from racklet_pcb.pads import pads
from racklet_pcb.truth import PCB

NAME = "bmc_rp2040_r1"
PLACES: dict[str, Any] = json.loads((PCB / NAME / "placement.json").read_text())
N = of_json(PCB / NAME / "netlist.json")
COPPER = importlib.import_module(f"{NAME}.copper")


def apart(a: str, b: str) -> float:
    return math.dist(PLACES[a][:2], PLACES[b][:2])


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
        ("U4", "R304", 4.0, "TI SLUSEP7 10.1: divider at the feedback pin"),
        ("U4", "R303", 4.5, "TI SLUSEP7 10.1: divider at the feedback pin"),
        ("U4", "C309", 5.0, "TI SLUSEP7 10.1: feed-forward at the divider"),
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


# How far a decoupling capacitor's pad may be from the pin it serves, mm.
CORE = 2.5  # RP2040 hardware design guide, 2.1: 1 uF at VREG_VIN and VREG_VOUT come first
CHIP = 3.2  # the same, 100 nF at each supply pin, as near as parts on one side get
LOGIC = 4.0  # own rule: 100 nF at logic and sensors of 100 kHz edges
REACH = {"C608": CORE, "C609": CORE} | {f"C6{k:02}": CHIP for k in (*range(1, 8), 10, 11, 12)}
SUPPLIES = ("+3V3", "+1V1", "PI_3V3", "ADC_AVDD")
# Supplied by what stands in another rule, or by so little that a neighbour's capacitor does.
NO_OWN = {"U5": "its output is the supply", "U6": "MCP130, 20 uA"}


def test_decouplers_stand_at_the_pins_they_serve() -> None:
    near = importlib.import_module(f"{NAME}.placement").NEAR
    at = pads(PCB / NAME / f"{NAME}.kicad_pcb")
    far = {}
    for cap, (chip, pin) in near.items():
        (mine,) = (p for p in ("1", "2") if N.pins[cap, p] == N.pins[chip, pin])
        apart_mm = math.dist(at[cap, mine], at[chip, pin])
        if apart_mm > REACH.get(cap, LOGIC):
            far[cap] = f"{apart_mm:.2f} mm from {chip} pin {pin}, at most {REACH.get(cap, LOGIC)}"
    assert far == {}


def test_every_chip_on_a_supply_has_a_decoupler_of_its_own() -> None:
    near = importlib.import_module(f"{NAME}.placement").NEAR
    served = {chip for cap, (chip, pin) in near.items() if N.pins[chip, pin] in SUPPLIES}
    chips = {ref for (ref, _), net in N.pins.items() if ref.startswith("U") and net in SUPPLIES}
    assert chips - served == set(NO_OWN)
    every_pin = {pin for (ref, pin), net in N.pins.items() if ref == "U1" and net in SUPPLIES}
    assert every_pin == {pin for chip, pin in near.values() if chip == "U1"} - {"26"}  # RUN


@pytest.mark.parametrize(
    ("net", "shunt", "filter_r"),
    [
        ("BUCK_OUT", "R306", "R711"),
        ("+5V", "R306", "R712"),
        ("VIN", "R213", "R721"),
        ("EF_IN", "R213", "R722"),
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


def test_the_feedback_node_is_short_and_keeps_off_the_switch_node() -> None:
    """TI SLUSEP7 10.1: the divider's node is a high impedance; noise on it is noise on the rail."""
    routes = json.loads((PCB / NAME / "routes.json").read_text())
    ways = [points for net, _, _, points in routes["tracks"] if net == "BUCK_FB"]
    assert sum(math.dist(p, q) for w in ways for p, q in zip(w, w[1:], strict=False)) < 8.0
    assert not [net for net, _ in routes["vias"] if net == "BUCK_FB"]
    (switch,) = zone("BUCK_SW")
    nearest = min(math.dist(p, q) for w in ways for p in w for q in switch)
    assert nearest > 1.5


def test_the_busbar_of_the_backplane_is_as_wide_as_calculated() -> None:
    rack = importlib.import_module("calc.rack")
    board = importlib.import_module("backplane_r1.copper")
    (bar,) = zone("BUSBAR", board)
    for x in (21.0, 41.0, 61.0, 101.0, 141.0):
        ys = [y / 10 for y in range(550, 800) if inside((x, y / 10), bar)]
        assert max(ys) - min(ys) >= rack.BUSBAR_WIDTH * 1e3 - 0.2, x


def test_the_bmc_draws_through_the_input_shunt_and_nothing_passes_it() -> None:
    """What the input monitor counts is all the unit takes: eFuse and standby supply hang behind
    the shunt; before it there is only the blocking FET."""
    assert set(N.across("R213")) == {"VIN", "EF_IN"}
    assert {r for r, _ in N.on("VIN")} == {"Q201", "R213", "R721", "U9"}
    assert {("F401", "1"), ("U3", "1")} <= N.on("EF_IN")
    taps = {r for r, _ in N.on("BUSBAR")} - {"J1", "Q201", "Q202"}
    # Clamp, damper, test point, ADC divider; and IN_SYS, from which the eFuse feeds itself.
    assert taps == {"D201", "C201", "TP1", "R761", "U3"}


def test_the_header_is_where_the_hat_specification_wants_it() -> None:
    assert PLACES["J2"] == [8.37, 4.77, 270, "B"]  # pin 1, on the far side


def test_the_bring_up_page_names_the_test_points_as_they_are() -> None:
    text = (PCB.parent / "docs" / "hardware" / "bring-up.md").read_text()
    named = re.findall(r"(TP\d+) `([^`]+)`", text)
    assert len(named) > 10
    for point, net in named:
        assert N.pins[point, "1"] == net
