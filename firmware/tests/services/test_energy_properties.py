"""Modulo arithmetic of the energy counters, by property."""

from hypothesis import given
from hypothesis import strategies as st
from racklet_bmc.services.energy import Energy
from racklet_bmc.services.store import Store
from service_fakes import FakeMonitor, RamFlash
from tests.fakes.fake_clock import FakeClock

LIMITS = {"iin_max_ma": 3_020, "vin_max_mv": 21_960, "iout_max_ma": 5_500, "vout_max_mv": 5_400}

COUNTS = st.integers(0, (1 << 40) - 1)
FULL_SCALES = st.integers(100, 32_768)


def energy_of(output: FakeMonitor) -> Energy:
    return Energy(
        FakeClock(), Store(RamFlash(2)), output=output, input_=FakeMonitor(), limits=LIMITS
    )


@given(st.lists(COUNTS, max_size=20), FULL_SCALES, COUNTS)
def test_any_number_of_wraps_is_counted_exactly(
    steps: list[int], full_scale_ma: int, start: int
) -> None:
    output = FakeMonitor()
    output.energy_num = full_scale_ma * 25
    energy = energy_of(output)
    output.energy = start
    energy.count()
    counted = start
    before = energy.out_uj
    for step in steps:
        output.energy = (output.energy + step) % output.energy_modulus
        counted += step
        energy.count()
        assert energy.out_uj >= before
        before = energy.out_uj
    assert energy.out_uj == counted * full_scale_ma * 25 // 256


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 30_000)), max_size=30))
def test_accumulators_agree_with_the_total(slices: list[tuple[int, int]]) -> None:
    """Decoded modulo as a host does, READ_EOUT gives the energy to one watt-sample."""
    output = FakeMonitor()
    output.energy_num, output.energy_den = 1, 1
    energy = energy_of(output)
    total = counts = samples = 0
    before = energy.eout()
    for milliseconds, milliwatts in slices:
        energy._clock.now_ms += milliseconds
        output.energy += milliseconds * milliwatts
        total += milliseconds * milliwatts
        energy.count()
        now = energy.eout()
        counts += (now[1] * 32_768 + now[0] - before[1] * 32_768 - before[0]) % (1 << 23)
        samples += (now[2] - before[2]) % (1 << 24)
        before = now
    assert counts == total // 100_000
    assert samples == sum(milliseconds for milliseconds, _ in slices) // 100
