"""Mating and breaking: order, bounce, and the same seed the same edges."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_plant import ControlError, Rack, World
from racklet_plant.contacts import BREAK_NS, MATE_NS, Contacts

MS = 1_000_000
Edges = list[tuple[int, str, bool]]


def record(seed: int) -> tuple[World, Contacts, Edges]:
    world = World()
    edges: Edges = []
    contacts = Contacts(
        world, random.Random(seed), lambda name, closed: edges.append((world.now_ns, name, closed))
    )
    return world, contacts, edges


def first(edges: Edges, name: str) -> int:
    return next(when for when, n, _ in edges if n == name)


@given(st.integers(0, 10_000))
def test_first_touch_in_order_and_bounce_ends_within_10_ms(seed: int) -> None:
    world, contacts, edges = record(seed)
    settled = contacts.mate(bounce=True)
    world.advance_to(settled)
    for k, name in enumerate(("busbar", "smbus", "presence")):
        mine = [(when, closed) for when, n, closed in edges if n == name]
        assert mine[0] == (k * MATE_NS, True)
        assert mine[-1][1]
        assert mine[-1][0] <= k * MATE_NS + 10 * MS
        opens = sum(not closed for _, closed in mine)
        assert opens <= 12
    assert all(contacts.closed.values())


def test_bounce_does_bounce() -> None:
    world, contacts, edges = record(1)
    world.advance_to(contacts.mate(bounce=True))
    assert len(edges) > 9


def test_break_is_the_reverse_over_5_ms() -> None:
    world, contacts, edges = record(1)
    world.advance_to(contacts.mate(bounce=False))
    edges.clear()
    start = world.now_ns
    assert contacts.part() == start + BREAK_NS
    world.advance(BREAK_NS)
    assert edges == [
        (start, "presence", False),
        (start + BREAK_NS // 2, "smbus", False),
        (start + BREAK_NS, "busbar", False),
    ]


def test_same_seed_same_edges() -> None:
    runs = []
    for seed in (7, 7, 8):
        world, contacts, edges = record(seed)
        world.advance_to(contacts.mate(bounce=True))
        runs.append(edges)
    assert runs[0] == runs[1] != runs[2]


def test_pulled_while_still_bouncing_ends_open() -> None:
    world, contacts, _ = record(3)
    contacts.mate(bounce=True)
    world.advance(6 * MS)
    world.advance_to(contacts.part(MS))
    world.advance(100 * MS)
    assert not any(contacts.closed.values())


def test_slot_refuses_a_second_unit_and_an_empty_removal(world: World, rack: Rack) -> None:
    unit = rack.slots[1].insert()
    with pytest.raises(ControlError, match="taken by RK000001"):
        rack.slots[1].insert()
    with pytest.raises(ControlError, match="sits in slot 1"):
        rack.slots[2].insert(unit)
    with pytest.raises(ControlError, match="slot 3 is empty"):
        rack.slots[3].remove()


def test_straps_read_the_slot_number_only_while_mated(world: World, rack: Rack) -> None:
    unit = rack.slots[5].insert(bounce=False)
    pins = [unit.board.pins[f"SLOT{bit}"] for bit in range(4)]
    world.advance(100 * MS)
    for gpio in pins:
        unit.port.drive(gpio, None, "up")
    assert [unit.port.level(gpio) for gpio in pins] == [1, 0, 1, 0]
    rack.slots[5].remove(break_ns=10 * MS)
    world.advance(7 * MS)
    assert [unit.port.level(gpio) for gpio in pins] == [1, 1, 1, 1]
