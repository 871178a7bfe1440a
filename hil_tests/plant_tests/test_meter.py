"""Exact integrals of voltage and current, against sums written out."""

from hypothesis import given
from hypothesis import strategies as st
from racklet_plant import World
from racklet_plant.meter import Meter

Steps = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 25_000_000), st.integers(-(10**6), 10**7)),
    max_size=50,
)


@given(Steps, st.integers(0, 10**6))
def test_integrals_are_the_sum_of_products(steps: list[tuple[int, int, int]], tail: int) -> None:
    world = World()
    meter = Meter(world)
    energy = charge = flux = v = i = 0
    for dt, v_next, i_next in [*steps, (tail, 0, 0)]:
        world.advance(dt)
        energy, charge, flux = energy + v * i * dt, charge + i * dt, flux + v * dt
        v, i = v_next, i_next
        assert meter.integrals(world.now_ns) == (energy, charge, flux)
        meter.set(v, i)


@given(Steps, st.data())
def test_history_answers_for_any_instant(
    steps: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    world = World()
    meter = Meter(world)
    held = [(0, 0, 0)]
    for dt, v, i in steps:
        world.advance(dt)
        meter.set(v, i)
        held.append((world.now_ns, v, i))
    at = data.draw(st.integers(0, world.now_ns))
    begin, v, i = [row for row in held if row[0] <= at][-1]
    assert meter.segment(at)[:2] == (v, i)
    pieces = [*zip(held, held[1:], strict=False)]
    charge = sum(i * (b[0] - a) for (a, _, i), b in pieces if b[0] <= begin)
    assert meter.integrals(at)[1] == charge + i * (at - begin)


def test_old_history_goes_when_nobody_needs_it_and_the_sums_stay() -> None:
    world = World()
    meter = Meter(world)
    for k in range(5000):
        meter.set(1_000_000, k)
        world.advance(10)
    assert len(meter._times) < 2000
    assert meter.integrals(world.now_ns)[1] == 10 * sum(range(5000))
