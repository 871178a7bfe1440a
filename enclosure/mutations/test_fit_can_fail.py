"""The fit checks pass the good rack and fail a broken one."""

from dataclasses import replace

import pytest
from breaking import clone, with_lump
from racklet_enclosure import order
from racklet_enclosure.checks import fit


def test_a_part_that_moved_meets_another(rack):
    assert fit.interference(rack.pieces).good
    moved = clone(rack, deck=(None, (0, 0, 2.0)))
    assert "deck" in " ".join(fit.interference(moved.pieces).findings)


def test_a_board_that_grew_meets_the_case(rack):
    lay = rack.lay
    grown = with_lump(rack, "backplane", (-3, -5, 60), (5, 0, 70))
    assert any(
        "backplane" in f and "side_left" in f for f in fit.interference(grown.pieces).findings
    )
    assert lay.inner.lo < 0


@pytest.mark.parametrize("slot", [1, 5])
def test_a_stop_in_the_rails_blocks_the_path(rack, slot):
    x = rack.lay.slot_x[slot - 1] + rack.lay.plate.mid
    deck = rack.lay.deck
    blocked = with_lump(
        rack,
        "deck",
        (x - 1.5, rack.lay.front - 3, deck.lo),
        (x + 1.5, rack.lay.front - 0.5, deck.hi + 4),
    )
    result = fit.insertion(blocked, slot)
    assert any("tray hits deck" in text for text in result.findings)


def test_rails_closed_by_a_swollen_print_leave_no_play(rack):
    x = rack.lay.slot_x[0] + rack.lay.plate.hi
    deck = rack.lay.deck
    lump = with_lump(
        rack,
        "deck",
        (x + 0.05, rack.lay.front + 20, deck.hi),
        (x + 1, rack.lay.front + 40, deck.hi + 4),
    )
    assert any("right" in text for text in fit.play(lump, 1).findings)


def test_a_raised_top_lets_the_tray_rattle(rack):
    loose = clone(rack, top=(None, (0, 0, 1.0)))
    assert any("up" in text for text in fit.play(loose, 1).findings)


def test_a_blank_tray_meets_what_stands_in_its_slot(rack):
    lay = rack.lay
    lump = with_lump(
        rack, "deck", (30, lay.front - 2, deck_z(lay)), (36, lay.front, deck_z(lay) + 8)
    )
    assert not fit.blanks(lump).good and fit.blanks(rack).good


def deck_z(lay):
    return lay.deck.hi


def test_a_piece_that_cannot_reach_its_place_is_seen(rack, monkeypatch):
    """From above the deck would meet the lugs that carry the top."""
    assert fit.assembling(rack).good
    lowered = tuple(
        tuple(replace(add, way=order.ABOVE) if add.name == "deck" else add for add in step)
        for step in order.STEPS
    )
    monkeypatch.setattr(order, "STEPS", lowered)
    assert "deck meets side_left" in " ".join(fit.assembling(rack).findings)
