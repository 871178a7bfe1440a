"""The mechanical files are current and agree with the HAT specification."""

import pytest
from racklet_pcb import mechanical


@pytest.mark.parametrize("name", mechanical.BOARDS)
def test_committed_file_is_current(name: str) -> None:
    assert mechanical.main(["--check"]) == 0
    assert mechanical.document(name)["name"] == name


def test_hat_holes_are_58_by_49_mm_apart_and_35_from_the_edges() -> None:
    holes = {(h["x"], h["y"]) for h in mechanical.document("bmc_rp2040_r1")["holes"]}
    assert holes == {(3.5, 3.5), (61.5, 3.5), (3.5, 52.5), (61.5, 52.5)}


def test_the_tongue_leaves_the_mounting_holes_their_land() -> None:
    doc = mechanical.document("bmc_rp2040_r1")
    for hole in doc["holes"]:
        if hole["x"] < 10:
            low, high = doc["tongue"]["from_y"], doc["tongue"]["to_y"]
            gap = max(low - hole["y"], hole["y"] - high)
            assert gap > hole["keepout_diameter"] / 2


def test_five_slots_fit_the_backplane() -> None:
    doc = mechanical.document("backplane_r1")
    unit = mechanical.document("bmc_rp2040_r1")
    xs = [s["x"] for s in doc["slots"]]
    assert [b - a for a, b in zip(xs, xs[1:], strict=False)] == [doc["slot_pitch"]] * 4
    half = unit["thickness"] / 2
    assert xs[0] - half - unit["tallest"] > 0
    compute_unit = unit["compute_unit_gap"] + 1.4 + 3.0  # its board and what is under it
    assert xs[-1] + half + compute_unit < doc["width"]
    assert half * 2 + unit["tallest"] + compute_unit + 3.0 < doc["slot_pitch"]
