"""The '74 by its truth table, and against a reference written as one function."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_plant import World
from racklet_plant.latch import FLT_ARM_NS, POR_NS, Latch

MS = 1_000_000


class Bench:
    def __init__(self, ready: bool = True) -> None:
        self.world = World()
        self.edges: list[tuple[int, int]] = []
        self.latch = Latch(self.world, lambda: self.edges.append((self.world.now_ns, self.latch.q)))
        if ready:
            self.latch.power(True)
            self.latch.seated(True)
            self.world.advance(POR_NS)

    def set(self) -> None:
        self.latch.set_pin(1)
        self.latch.set_pin(0)


def test_rising_edge_sets_and_holds() -> None:
    bench = Bench()
    bench.latch.set_pin(1)
    assert bench.latch.q == 1
    bench.latch.set_pin(0)
    assert bench.latch.q == 1


def test_clear_dominates_and_a_high_set_line_is_no_edge() -> None:
    bench = Bench()
    bench.latch.clr_pin(1)
    bench.latch.set_pin(1)
    assert bench.latch.q == 0
    bench.latch.clr_pin(0)
    assert bench.latch.q == 0  # CLK stayed high: nothing rose
    bench.latch.set_pin(0)
    bench.latch.set_pin(1)
    assert bench.latch.q == 1


def test_power_up_is_cleared_until_power_on_reset_ends() -> None:
    bench = Bench(ready=False)
    bench.latch.power(True)
    bench.latch.seated(True)
    bench.world.advance(POR_NS - 1)
    bench.set()
    assert (bench.latch.q, bench.latch.cleared_by) == (0, "power-on reset")
    bench.world.advance(1)
    bench.set()
    assert bench.latch.q == 1


@pytest.mark.parametrize(
    ("cause", "clear"),
    [
        ("presence", lambda latch: latch.seated(False)),
        ("LATCH_CLR", lambda latch: latch.clr_pin(1)),
        ("power-on reset", lambda latch: latch.power(False)),
    ],
)
def test_each_cause_clears_at_once_and_is_named(cause: str, clear: Callable[[Latch], None]) -> None:
    bench = Bench()
    bench.set()
    clear(bench.latch)
    assert (bench.latch.q, bench.latch.cause) == (0, cause)


def test_fault_counts_from_10_ms_after_the_set() -> None:
    bench = Bench()
    bench.latch.flt_pin(0)  # low while off: must not stop the set
    bench.set()
    start = bench.world.now_ns
    bench.world.advance(FLT_ARM_NS - 1)
    assert bench.latch.q == 1
    bench.world.advance(1)
    assert bench.edges == [(start, 1), (start + 10 * MS, 0)]
    assert bench.latch.cause == "FLT"


def test_without_the_part_the_set_line_is_the_enable() -> None:
    bench = Bench()
    bench.latch.fitted = False
    bench.latch.set_pin(1)
    assert bench.latch.q == 1
    bench.latch.set_pin(0)
    assert bench.latch.q == 0


@dataclass
class Reference:
    """Inputs and Q, from the table in the data sheet and the arming circuit."""

    powered: bool = False
    por_at: int = 0
    seated: bool = False
    clr: int = 0
    flt: int = 1
    clk: int = 0
    q: int = 0
    moved_at: int = -(10**18)
    armed: bool = False

    def step(self, now: int, name: str, value: int) -> None:
        if now - self.moved_at >= FLT_ARM_NS:
            self.armed = bool(self.q)
        rising = name == "set" and value and not self.clk
        if name == "power":
            self.powered, self.por_at = bool(value), now + POR_NS
        elif name == "seat":
            self.seated = bool(value)
        elif name == "clr":
            self.clr = value
        elif name == "flt":
            self.flt = value
        elif name == "set":
            self.clk = value
        por_done = self.powered and now >= self.por_at
        clear_n = por_done and self.seated and not self.clr and (self.flt or not self.armed)
        q = self.q
        if not clear_n:
            q = 0
        elif rising:
            q = 1
        if q != self.q:
            self.q, self.moved_at = q, now


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["power", "seat", "clr", "flt", "set", "set", "set", "wait"]),
        st.integers(0, 1),
        st.sampled_from([0, 1, 3 * MS, 11 * MS, 400 * MS]),
    ),
    max_size=40,
)


@given(ACTIONS)
def test_any_sequence_agrees_with_the_reference(actions: list[tuple[str, int, int]]) -> None:
    world = World()
    latch = Latch(world, lambda: None)
    reference = Reference()
    inputs: dict[str, Callable[[int], None]] = {
        "power": lambda v: latch.power(bool(v)),
        "seat": lambda v: latch.seated(bool(v)),
        "clr": latch.clr_pin,
        "flt": latch.flt_pin,
        "set": latch.set_pin,
        "wait": lambda v: None,
    }
    for name, value, pause in [("power", 1, 400 * MS), ("seat", 1, 0), *actions]:
        inputs[name](value)
        reference.step(world.now_ns, name, value)
        assert latch.q == reference.q
        end = world.now_ns + pause
        while (due := world.next_ns()) is not None and due <= end:
            world.advance_to(due)
            reference.step(due, "wait", 0)
            assert latch.q == reference.q
        world.advance_to(end)
