"""Plant time: order, cancellation, and time that passes inside an event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_plant import World


@given(st.lists(st.integers(0, 1000), max_size=40))
def test_events_run_in_order_of_time_then_of_asking(times: list[int]) -> None:
    world = World()
    ran: list[tuple[int, int]] = []
    for k, when in enumerate(times):
        world.at(when, lambda k=k: ran.append((world.now_ns, k)))  # type: ignore[misc]
    world.advance_to(1000)
    assert ran == sorted((when, k) for k, when in enumerate(times))


def test_next_ns_skips_what_was_called_off() -> None:
    world = World()
    first, second = world.at(5, list), world.at(9, list)
    world.cancel(first)
    assert world.next_ns() == 9
    world.cancel(second)
    world.cancel(None)
    assert world.next_ns() is None


def test_an_event_may_plan_another_for_the_same_instant() -> None:
    world = World()
    ran: list[int] = []
    world.at(5, lambda: world.after(0, lambda: ran.append(world.now_ns)))
    world.advance_to(5)
    assert ran == [5]


def test_time_may_pass_inside_an_event() -> None:
    world = World()
    seen: list[tuple[str, int]] = []

    def sleeps() -> None:
        world.advance(10)
        seen.append(("slept", world.now_ns))

    world.at(5, sleeps)
    world.at(8, lambda: seen.append(("meanwhile", world.now_ns)))
    world.advance_to(6)
    assert seen == [("meanwhile", 8), ("slept", 15)]
    assert world.now_ns == 15


def test_the_past_is_refused() -> None:
    world = World()
    world.advance_to(10)
    with pytest.raises(ValueError, match="before now"):
        world.at(9, list)
    world.advance_to(3)
    assert world.now_ns == 10


def test_streams_differ_by_name_and_repeat_by_seed() -> None:
    draws = [World(seed).stream(name).random() for seed, name in ((1, "a"), (1, "b"), (2, "a"))]
    assert len(set(draws)) == 3
    assert World(1).stream("a").random() == draws[0]
