"""Air, contacts, size, mass, hands: each check fails when what it guards is broken."""

from copy import deepcopy

import pytest
import trimesh
from breaking import clone, with_lump
from racklet_enclosure import build
from racklet_enclosure.assembly import Assembly
from racklet_enclosure.checks import air, contacts, fit, handling
from racklet_enclosure.layout import Layout
from racklet_enclosure.parameters import load
from racklet_enclosure.rules import require


def laid(change):
    """A layout with something changed behind the rules' back."""
    lay = Layout()
    lay.p, lay.vendor = deepcopy(lay.p), deepcopy(lay.vendor)
    lay.backplane, lay.bmc = deepcopy(lay.backplane), deepcopy(lay.bmc)
    change(lay)
    return lay


def with_layout(rack, change):
    stand_in = clone(rack)
    stand_in.lay = laid(change)
    stand_in.bounds, stand_in.flats = rack.bounds, rack.flats
    stand_in.pieces = rack.pieces
    stand_in.piece = rack.piece
    return stand_in


def test_a_blocked_deck_starves_its_slot(rack):
    assert air.slots(rack).good
    lay = rack.lay
    covered = with_lump(
        rack, "deck", (80, lay.front, lay.deck.lo), (120, lay.deck_rear, lay.deck.hi)
    )
    assert any(text.startswith("slot 3") for text in air.slots(covered).findings)


def test_weak_fans_are_seen(rack):
    assert air.fans(rack).good
    weak = with_layout(rack, lambda lay: lay.fan.update(flow_m3h=10.0))
    assert "needed" in air.fans(weak).findings[0]


def test_short_feet_starve_the_fans(rack):
    low = with_layout(rack, lambda lay: setattr(lay.p.case, "foot", 0.2))
    assert any("under the base" in text for text in air.fans(low).findings)


def test_a_hole_for_a_finger_over_a_fan_is_seen(rack):
    assert air.guards(rack).good
    lay = rack.lay
    hole = trimesh.creation.box(bounds=[[40, -70, lay.deck.lo - 1], [60, -50, lay.deck.hi + 9]])
    open_deck = trimesh.boolean.difference([rack.piece("deck").mesh, hole], engine="manifold")
    broken = clone(rack, deck=(open_deck, (0, 0, 0)))
    broken.piece = lambda name: next(p for p in broken.pieces if p.name == name)
    assert any("a finger passes" in text for text in air.guards(broken).findings)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda lay: lay.bmc["tongue"].update(length=6.0), "short contacts slide"),
        (lambda lay: lay.vendor["socket"].update(short_pad=[4.6, 5.6]), "short contacts slide"),
        (lambda lay: setattr(lay, "shoulder", 8.0), "inside the backplane"),
        (lambda lay: lay.vendor["socket"].update(contact_height=9.0), "pushed past"),
        (lambda lay: setattr(lay.p.fit, "lift", 2.5), "out of order"),
        (lambda lay: setattr(lay.p.fit, "slide", 0.9), "off sideways"),
    ],
)
def test_contacts(change, text):
    assert contacts.check(Layout()).good
    assert text in " ".join(contacts.check(laid(change)).findings)


def test_a_rack_too_large_is_seen(rack):
    assert handling.size(rack).good
    small = with_layout(rack, lambda lay: setattr(lay.p.limits, "depth", 120.0))
    assert "depth" in handling.size(small).findings[0]


def test_a_rack_too_heavy_is_seen(rack):
    assert handling.mass(rack).good
    lead = with_layout(rack, lambda lay: setattr(lay.p.material, "density", 11.3))
    assert "at most" in handling.mass(lead).findings[0]


def test_a_low_or_thin_handle_is_seen(rack):
    assert handling.hand(rack).good
    low = with_layout(rack, lambda lay: setattr(lay.p.handle, "arm", 25.0))
    thin = with_layout(rack, lambda lay: setattr(lay.p.handle, "bar", 2.0))
    assert "for a hand" in handling.hand(low).findings[0]
    assert "in the handle" in handling.hand(thin).findings[0]


def test_no_room_for_a_finger_is_seen(rack):
    assert handling.finger(rack, 2).good
    x = rack.lay.slot_x[1] + rack.lay.plate.hi + 8
    plug = with_lump(rack, "base", (x, -125, 2), (x + 6, rack.lay.front, 30))
    assert "base" in " ".join(handling.finger(plug, 2).findings)


def test_a_small_loop_is_seen(rack):
    low = with_layout(rack, lambda lay: setattr(lay.p.tray, "pull_hole_height", 15.0))
    shallow = with_layout(rack, lambda lay: setattr(lay.p.tray, "pull_hole_depth", 9.0))
    assert "mm high" in handling.finger(low, 2).findings[0]
    assert "mm deep" in handling.finger(shallow, 2).findings[0]


def test_a_weak_loop_and_a_jam_are_seen(rack):
    assert handling.pull(rack).good
    weak = with_layout(rack, lambda lay: setattr(lay.p.material, "strength", 5.0))
    sticky = with_layout(rack, lambda lay: lay.vendor["socket"].update(friction=1.2))
    assert "in the loop" in handling.pull(weak).findings[0]
    assert "jams" in handling.pull(sticky).findings[0]


def test_a_file_that_differs_between_builds_is_seen(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "a.stl").write_bytes(b"same")
    names = [(one / "a.stl").relative_to(one)]
    assert build.different(one, two, names) == []
    (two / "a.stl").write_bytes(b"sane")
    assert build.different(one, two, names) == ["a.stl differs between two builds"]


@pytest.mark.parametrize(
    "choice",
    [
        {"choice__storage": "none"},
        {"choice__compute": "pi3"},
        {"choice__compute": "pi5"},
        {"choice__storage": "m2", "choice__switch": "none"},
    ],
    ids=str,
)
def test_every_choice_fits(rack, choice):
    """Only the choice without a disk changes printed parts; the others change what they hold."""
    reused = None if choice.get("choice__storage") == "none" else rack.shapes
    chosen = Assembly(require(Layout(load(**choice))), reused)
    assert fit.interference(chosen.pieces).findings == []
    assert fit.insertion(chosen, 5).findings == []
    assert air.slots(chosen).findings == []
    assert handling.size(chosen).findings == []
