"""READ_EIN decoded modulo, and a restart that is noticed."""

from hypothesis import given
from hypothesis import strategies as st
from racklet.counters import EinCounter
from racklet_wire import ein


def data(steps: int, samples: int) -> bytes:
    return ein.pack(steps % 32_768, steps // 32_768 % 256, samples % (1 << 24))


@given(
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    st.lists(st.tuples(st.integers(1, 3_000), st.integers(0, 60)), max_size=30),
)
def test_any_number_of_wraps(steps, samples, reads):
    """Read at least once in what the roll-over count can hold: 2^23 steps."""
    counter, now_s, total = EinCounter(), 0.0, 0
    counter.feed(data(steps, samples), now_s)
    for more, watts in reads:
        now_s += more / 10
        steps, samples, total = steps + more * watts, samples + more, total + more * watts
        assert counter.feed(data(steps, samples), now_s) == watts * 1000
    assert (counter.energy_uj, counter.restarts) == (total * 100_000, 0)


@given(st.integers(100, 2**23), st.integers(100, 2**20), st.integers(0, 100))
def test_a_restart_adds_nothing_and_is_counted(steps, samples, after):
    counter = EinCounter()
    counter.feed(data(steps, samples), 0.0)
    assert counter.feed(data(after, min(after, samples - 1)), 10.0) is None
    assert (counter.energy_uj, counter.restarts) == (0, 1)
    counter.feed(data(after + 50, min(after, samples - 1) + 10), 11.0)
    assert counter.energy_uj == 50 * 100_000
