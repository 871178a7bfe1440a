"""Places follow the boards: a hole or connector that moves on the PCB moves here. No CAD."""

import json
from copy import deepcopy

import pytest
from racklet_enclosure import boards
from racklet_enclosure.checks import contacts
from racklet_enclosure.layout import Layout
from racklet_enclosure.parameters import Refused


def changed(monkeypatch, name, change):
    facts = {board: deepcopy(boards.board(board)) for board in (boards.BMC, boards.BACKPLANE)}
    change(facts[name])
    monkeypatch.setattr(boards, "board", facts.__getitem__)
    return Layout()


def test_the_boards_holes_lie_over_the_compute_units_holes():
    lay = Layout()
    bmc = sorted(lay.on_bmc(hole["x"], hole["y"])[1:] for hole in lay.bmc["holes"])
    pi = sorted(lay.on_compute(*hole)[1:] for hole in lay.compute["holes"])
    for a, b in zip(bmc, pi, strict=True):
        assert a == pytest.approx(b)


def test_the_stack_between_board_and_compute_unit_is_the_boards():
    lay = Layout()
    far = lay.on_bmc(0, 0, -lay.bmc["thickness"])[0]
    assert lay.on_compute(0, 0, 0)[0] - far == pytest.approx(lay.bmc["compute_unit_gap"])


def test_the_card_edge_meets_the_socket():
    lay = Layout()
    tongue, socket = lay.bmc["tongue"], lay.backplane["socket"]
    card = lay.on_bmc(0, tongue["contact1_y"])[2]
    assert card == pytest.approx(lay.on_backplane(0, socket["contact1_y"])[2])


def test_a_moved_slot_moves_its_blade(monkeypatch):
    def move(facts):
        facts["slots"][2]["x"] += 1.5

    assert changed(monkeypatch, boards.BACKPLANE, move).slot_x[2] == 101.5


def test_a_deeper_socket_moves_the_blade_forward(monkeypatch):
    before = Layout().on_compute(3.5, 3.5)[1]

    def move(facts):
        facts["socket"]["card_shoulder_z"] += 2.0

    assert changed(monkeypatch, boards.BACKPLANE, move).on_compute(3.5, 3.5)[1] == before - 2.0


def test_a_board_file_that_is_missing_or_lacks_facts_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(boards, "MECHANICAL", boards.REPOSITORY / "nowhere")
    boards.board.cache_clear()
    with pytest.raises(Refused, match="make pcb-mechanical"):
        boards.board(boards.BMC)
    monkeypatch.setattr(boards, "MECHANICAL", tmp_path)
    (tmp_path / f"{boards.BMC}.json").write_text(json.dumps({"units": "mm", "outline": []}))
    with pytest.raises(Refused, match="lacks connectors, far_side, holes"):
        boards.board(boards.BMC)
    monkeypatch.undo()
    boards.board.cache_clear()


def test_contacts_engage_in_order():
    result = contacts.check(Layout())
    assert result.good
    assert result.figures["skew_mm"] < result.figures["step_mm"]


def test_a_shorter_tongue_loses_its_last_contacts(monkeypatch):
    def shorten(facts):
        facts["tongue"]["length"] = 6.8

    lay = changed(monkeypatch, boards.BMC, shorten)
    assert any("short contacts slide" in text for text in contacts.check(lay).findings)
