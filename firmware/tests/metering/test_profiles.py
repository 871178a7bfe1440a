"""Energy as the firmware totals it, against an ideal reader of the same sensors' registers.

Within 0.1 % whatever the load does and whatever happens to sensors, bus and supply; what a power
cut takes is within its bound; nothing is invented and nothing goes backwards within an epoch.
ENERGY_DAYS is how long each random life lasts; `make soak` gives it 30 days.
"""

import os
import random
from collections import deque

import pytest
from racklet_bmc.services.energy import SAVE_MS, SAVE_UJ
from tests.metering.metered_unit import MS, MeteredUnit, S

DAYS = float(os.environ.get("ENERGY_DAYS", "0.05"))
LIVES = int(os.environ.get("ENERGY_LIVES", "2"))

CYCLE_US = 1_102  # of the converter: shunt 1,052 us, bus 50 us
LOADS = {
    "idle": [(1_000_000, 600)],
    "bursts of 1 ms": [(1_000, 2_000), (49_000, 600)],
    "square wave at the sampling rate": [(CYCLE_US, 1_340), (CYCLE_US, 600)],
    "square wave, a whole one in each cycle": [(CYCLE_US // 2, 1_340), (CYCLE_US // 2, 600)],
}
SIDES = ("input", "output")


class Watched:
    """A metered unit beside its ideal readers, and what must hold at every look."""

    def __init__(self, **options):
        self.metered = MeteredUnit(**options)
        self.metered.on_look = self._look
        self.metered.on_cut = self._cut
        self.metered.on_boot = self._boot
        self.cuts = 0
        self.epoch = 0
        self.reported = (0, 0)
        self.lost = [0, 0]  # at power cuts, each within its bound
        self._looks = deque()  # (ns, ideal totals), of the last minutes
        self._before = None  # a cut: what had been reported

    @property
    def ideal(self):
        parts = self.metered.unit.parts
        return tuple(float(parts[side].ideal.total_uj) for side in SIDES)

    def within_a_thousandth(self, since=((0, 0), (0, 0))):
        """Of what was totalled since a pair of (reported, ideal), less what power cuts took."""
        for side in range(2):
            reported = self.reported[side] - since[0][side] + self.lost[side]
            ideal = self.ideal[side] - since[1][side]
            assert ideal > 0
            assert reported == pytest.approx(ideal, rel=0.001), SIDES[side]

    def _look(self):
        epoch, *totals, _ = self.metered.energy.snapshot()
        if epoch == self.epoch:
            assert totals[0] >= self.reported[0]
            assert totals[1] >= self.reported[1]
        assert epoch >= self.epoch
        self.epoch, self.reported = epoch, tuple(totals)
        now = self.metered.world.now_ns
        self._looks.append((now, self.ideal))
        while self._looks[0][0] < now - 2 * SAVE_MS * MS:
            self._looks.popleft()

    def _cut(self):
        self.cuts += 1
        self._before = self._before or self.reported

    def _boot(self):
        """What had been reported and is gone is at most what flowed in SAVE_MS, or SAVE_UJ."""
        if self._before is None or not self._looks:
            return
        totals = self.metered.energy.snapshot()[1:3]
        last_ns, last = self._looks[-1]
        bound_ns = last_ns - SAVE_MS * MS - 2 * S  # a look, and the flash's own time
        earlier = next((ideal for ns, ideal in self._looks if ns >= bound_ns), last)
        for side in range(2):
            lost = self._before[side] - totals[side]
            assert 0 <= lost <= last[side] - earlier[side] + 1
            assert lost <= SAVE_UJ + 30_000_000 * 2
            self.lost[side] += lost
        self._before = None


@pytest.mark.parametrize("load", LOADS)
def test_a_load_that_repeats(load):
    watched = Watched()
    watched.metered.run(2)
    watched.metered.unit.compute.play(LOADS[load], repeat=True)
    watched.metered.run(4)
    watched.within_a_thousandth()


def test_a_boot():
    watched = Watched()
    watched.metered.run(60)
    watched.within_a_thousandth()


def test_a_current_that_flows_backwards_counts_as_the_register_has_it():
    watched = Watched()
    watched.metered.run(2)
    unit = watched.metered.unit
    unit.compute.draw(20)
    unit.power.buck.backfeed(6_000_000, 5)
    unit.power.changed()
    assert unit.power.output.i_ua < 0
    watched.metered.run(60)
    watched.within_a_thousandth()


@pytest.mark.parametrize("side", SIDES)
def test_a_register_that_wraps(side):
    watched = Watched()
    watched.metered.run(3)
    monitor = watched.metered.unit.parts[side]
    monitor.preload(2**40 - 30_000, 0)  # 24 J to the wrap, 12 J of the input
    watched.metered.run(1)
    since = watched.reported, watched.ideal
    watched.metered.run(60)
    assert monitor.counts > 2**40
    watched.within_a_thousandth(since)


def test_errors_on_the_local_bus():
    watched = Watched()
    dice = random.Random(1)
    for _ in range(100):
        watched.metered.run(dice.uniform(0.5, 3))
        watched.metered.unit.port.i2c_nacks = dice.randrange(8)
    watched.metered.unit.port.i2c_nacks = 0
    watched.metered.run(2)
    assert watched.epoch == 1  # nothing was lost
    watched.within_a_thousandth()


def test_a_sensor_that_is_reset():
    """At most a look of its energy is lost, none is invented, and the epoch says so."""
    watched = Watched()
    watched.metered.run(1_200)
    before = [i - r for i, r in zip(watched.ideal, watched.reported, strict=True)]
    watched.metered.run(0.7)
    look = watched.reported
    watched.metered.unit.parts["output"].power(True)
    watched.metered.run(600)
    lost = [i - r - b for i, r, b in zip(watched.ideal, watched.reported, before, strict=True)]
    assert watched.epoch == 2
    assert watched.reported[1] > look[1]
    assert abs(lost[0]) < 10_000
    assert -10_000 < lost[1] < 5_000_000
    watched.within_a_thousandth()


def test_a_monitor_without_a_count_of_its_own():
    """An INA226 at the input, integrated by the firmware: there is no register to hold it to, so
    it is held to the truth; a pause is a gap, and its start is a new epoch."""
    metered = MeteredUnit(tolerance=0.0, input_monitor="ina226")
    metered.run(3)
    unit = metered.unit
    unit.compute.draw(600)
    metered.run(2)
    before = metered.energy.in_uj, unit.true_in_uj
    metered.run(60)
    counted, true = metered.energy.in_uj - before[0], unit.true_in_uj - before[1]
    assert counted == pytest.approx(true, rel=0.01)
    kept = metered.energy.in_uj
    metered.pass_ns(10 * S)  # nobody looks
    metered.energy.step()
    assert metered.energy.in_uj == kept
    metered.energy.save()
    epoch = metered.energy.epoch
    metered.energy = None  # the firmware is reset
    metered.run(1)
    assert metered.energy.epoch == epoch + 1
    assert kept <= metered.energy.in_uj < kept + 15_000_000


@pytest.mark.parametrize("seed", range(1, LIVES + 1))
def test_a_long_life(seed):
    """Loads, bus errors, sensor resets and power cuts at random instants.

    What each cut takes is held to its bound; the rest is within a thousandth over days, and in a
    short life never more than the ideal reader has.
    """
    watched = Watched(seed=seed)
    metered, dice = watched.metered, random.Random(seed)
    seconds, cut_every = DAYS * 86_400, min(21_600, DAYS * 43_200)
    next_cut = dice.uniform(0.3, 1) * cut_every
    next_reset = dice.uniform(0.5, 1) * 43_200
    while metered.world.now_ns < seconds * S:
        metered.run(dice.expovariate(1 / 40))
        if metered.up:
            metered.unit.compute.draw(dice.choice((250, 600, 600, 900, 1_300, 2_400)))
            metered.unit.port.i2c_nacks = dice.choice((0, 0, 0, 1, 5))
        now = metered.world.now_ns / S
        if now > next_reset:
            metered.unit.parts[dice.choice(SIDES)].power(True)
            next_reset = now + dice.uniform(0.5, 1) * 43_200
        if now > next_cut:
            next_cut = now + dice.uniform(0.5, 1.5) * cut_every
            metered.run(dice.random())  # at any instant between two looks
            metered.rack.slots[1].remove()
            metered.run(dice.uniform(1, 20))
            metered.rack.slots[1].insert(metered.unit)
            metered.run(5)
    metered.unit.port.i2c_nacks = 0
    metered.run(3)
    assert watched.cuts >= 1
    for reported, ideal in zip(watched.reported, watched.ideal, strict=True):
        assert reported <= ideal
    if DAYS >= 1:
        watched.within_a_thousandth()
