# runs on: cpython, micropython
"""Random life: commands, faults, removals, resets and sags in any order, with invariants."""

import unittest

from racklet_wire import cbor, events, power
from service_fakes import Bench, Random

SEEDS = range(1, 9)
EVENTS = 150

COMMANDS = (
    power.COMMAND_ON,
    power.COMMAND_ON,
    power.COMMAND_OFF,
    power.COMMAND_SHUTDOWN,
    power.COMMAND_CYCLE,
)
OFF_STATES = (power.ABSENT, power.SETTLING, power.PROBATION, power.OFF, power.FAULT)


class Life:
    """One unit, and what must hold at every millisecond of it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.bench = Bench(seed)
        self.bench.settings.set("shutdown_limit_ms", 1_000)
        self.bench.settings.set("probation_ms", 200)
        self.bench.settings.store()
        self.world = self.bench.hardware
        self.transaction = 0
        self.changes = 0
        self.state = self.bench.power.state
        self.commanded = False  # since the last fault or removal
        self.due = 0

    def pass_time(self, ms: int) -> None:
        for _ in range(ms):
            latched = self.world.latched
            self.world.tick()
            self.due -= 1
            if self.due <= 0:
                self.bench.power.step()
                self.due = self.bench.power.period_ms()
            self.check(latched)

    def check(self, was_latched: bool) -> None:
        service = self.bench.power
        where = (self.state, service.state, self.bench.clock.ms())
        if service.state != self.state:
            if service.state in (power.FAULT, power.ABSENT):
                self.commanded = False
            if service.state == power.OFF:
                assert self.world.mv < 400, where  # off is measured
            self.state = service.state
        if service.state in OFF_STATES:
            assert not self.world.latched, where
        if self.world.latched and not was_latched:
            assert self.commanded, where  # never on by itself
            assert service.state in (power.TURNING_ON, power.ON), where

    def event(self) -> None:
        pick = self.random.below(20)
        world, service = self.world, self.bench.power
        if pick < 8:
            self.transaction += 1
            self.commanded = True
            service.request(COMMANDS[self.random.below(5)], self.transaction)
        elif pick < 10:
            world.seat(bool(self.random.below(4)))
        elif pick < 12:
            world.shorted = not self.random.below(3)
        elif pick == 12:
            world.trip()
        elif pick == 13:
            world.stuck_off = not self.random.below(2)
        elif pick == 14:
            world.fed_mv = self.random.below(3) * 700
        elif pick == 15:
            world.vin_mv = (8_000, 11_500, 12_000, 12_000)[self.random.below(4)]
        elif pick == 16:
            world.pins["PI_OFF"].level = self.random.below(2)
        elif pick == 17:
            service.on_presence_edge()
        else:
            latched = world.latched
            self.bench.boot()  # a reset of the BMC does not move the rail
            assert world.latched == latched
            self.due = 0

    def repair(self) -> None:
        """Whatever happened: put right, it can be switched on."""
        world = self.world
        world.shorted = world.stuck_off = False
        world.fed_mv = world.pins["PI_OFF"].level = 0
        world.vin_mv = 12_000
        world.seat(True)
        self.pass_time(5_000)
        self.transaction += 1
        self.commanded = True
        self.bench.power.request(power.COMMAND_ON, self.transaction)
        self.pass_time(8_000)
        assert self.bench.power.state == power.ON, self.bench.power.state
        assert self.bench.power.result == power.DONE


class RandomLife(unittest.TestCase):
    def test_invariants_hold(self) -> None:
        for seed in SEEDS:
            life = Life(seed)
            life.world.seat(True)
            for _ in range(EVENTS):
                life.event()
                life.pass_time(life.random.below(4) ** 4 * 4)
            life.repair()

    def test_the_log_explains_every_change(self) -> None:
        """Each state change is a record or counted in one, in order, folded or not."""
        life = Life(99)
        changes = 0
        before = life.bench.power.state
        life.world.seat(True)
        for _ in range(EVENTS // 2):
            if life.random.below(2):
                life.transaction += 1
                life.bench.power.request(COMMANDS[life.random.below(5)], life.transaction)
            else:
                life.world.trip()
            for _ in range(life.random.below(200)):
                life.world.tick()
                life.bench.power.step()
                changes += life.bench.power.state != before
                before = life.bench.power.state
        log = life.bench.log
        log.flush()
        records = [cbor.decode(log.read(n)) for n in range(log.first, log.last + 1)]
        states = [record for record in records if record[events.KIND] == events.STATE]
        self.assertEqual(states[-1]["state"], before)
        counted = sum([record.get(events.COUNT, 1) for record in states])
        self.assertGreaterEqual(counted, changes)


if __name__ == "__main__":
    unittest.main()
