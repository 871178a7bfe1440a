"""Random life: whatever hands, faults and commands do to a rack, some things never happen.

The same seed gives the same life. In odd ones the units follow the restore policy "last" after each
insertion and each return of the power. `--life-s` says how many seconds of bench time a life lasts,
`--lives` how many there are; `make random-life` lives a day.
"""

import random
from collections.abc import Callable

import pytest
from racklet import errors
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet_bench.bench import FAULTS, HANDS, RESET, STEPPED, TRACE, Bench
from racklet_bench.chronicle import Chronicle
from racklet_wire import power

pytestmark = pytest.mark.needs(HANDS, FAULTS, RESET, STEPPED, TRACE)

SLOTS = (1, 2)
EMPTY_MV = 500  # "off" is measured below this
RESTORE_LAST = 2
DATED_S = 0.15  # so much later may a record seem to be
# Nothing is on before it was admitted and switched on.
IMPOSSIBLE = {
    (before, power.ON)
    for before in (power.ABSENT, power.SETTLING, power.PROBATION, power.OFF, power.FAULT)
}


class Life:
    """One rack, its dice, and what must hold after every step."""

    def __init__(self, bench: Bench, rack: Rack, seed: int) -> None:
        self._restores_last = bool(seed % 2)
        self._bench = bench
        self._rack = rack
        self._dice = random.Random(seed)
        self._faulted: set[int] = set()  # slots whose fault was seen, and no command came since
        # Deeds with their weights: mostly a rack that runs, so that faults meet a rail that is on.
        self._deeds: dict[Callable[[int], None], int] = {
            self._insert: 3,
            self._remove: 1,
            self._command: 8,
            self._short: 3,
            self._release: 4,
            self._brown_out: 1,
            self._reset: 1,
            self._load: 2,
            self._short_input: 1,
            self._back_feed: 1,
            self._flicker: 1,
            self._break: 1,
            self._disturb: 1,
            self._surge: 1,
        }
        self._commands: dict[int, list[float]] = {slot: [] for slot in SLOTS}  # when they were sent
        self.chronicles: dict[int, Chronicle] = {}
        self.story: list[str] = []

    def run(self, seconds: float) -> None:
        end = self._bench.clock.monotonic() + seconds
        for slot in SLOTS:
            self._insert(slot)
            self.chronicles[slot] = Chronicle(self._bench, self._rack.bmc(slot), slot)
        if self._restores_last:
            self._bench.clock.sleep(1)
            for slot in SLOTS:
                self._rack.bmc(slot).change_settings({"restore_policy": RESTORE_LAST})
        while self._bench.clock.monotonic() < end:
            for _ in range(self._dice.choice((1, 1, 1, 2))):  # two at once, now and then
                slot = self._dice.choice(SLOTS)
                (deed,) = self._dice.choices(list(self._deeds), list(self._deeds.values()))
                self.story.append(f"{self._bench.clock.monotonic():.3f} {deed.__name__} {slot}")
                deed(slot)
            self._bench.clock.sleep(self._dice.choice((0.01, 0.1, 0.5, 3)))
            self._check()

    # --- deeds -----------------------------------------------------------------------

    def _insert(self, slot: int) -> None:
        self._bench.insert(slot)

    def _remove(self, slot: int) -> None:
        self._bench.remove(slot)
        self._faulted.discard(slot)

    def _command(self, slot: int) -> None:
        command = self._dice.choice([PowerCommand.ON, *PowerCommand])
        self._commands[slot].append(self._bench.clock.monotonic())
        try:
            self._rack.bmc(slot).power_task(command)
        except errors.RackletError:
            return  # absent, or busy with something else: it says so
        self._faulted.discard(slot)

    def _short(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            self._bench.control("short", slot=slot, milliohm=self._dice.choice((20, 50, 200)))

    def _release(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            self._bench.control("release", slot=slot)

    def _brown_out(self, _slot: int) -> None:
        mv, ms = self._dice.choice((0, 5_000, 9_000, 11_000)), self._dice.choice((1, 20, 500))
        self._bench.control("brownout", mv=mv, ms=ms)

    def _reset(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            self._bench.reset_bmc(slot)

    def _load(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            self._bench.control("load", slot=slot, cores=self._dice.randrange(5))

    def _short_input(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            self._bench.control("short", slot=slot, where="input", ms=self._dice.choice((1, 100)))

    def _back_feed(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            self._bench.control("backfeed", slot=slot, mv=self._dice.choice((600, 3_000, 4_600)))

    def _flicker(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            contact = self._dice.choice(("busbar", "smbus", "presence"))
            self._bench.control(
                "flicker", slot=slot, contact=contact, ms=self._dice.choice((0.01, 1, 20))
            )

    def _break(self, slot: int) -> None:
        if self._unit(slot)["serial"]:
            name = self._dice.choice(("input", "output", "board", "fru"))
            faults = ["absent", "ok", "ok"]
            if name in ("input", "output"):
                faults += ["stuck", "wrong", "reset"]
            fault = self._dice.choice(faults)
            self._bench.control("sensor", slot=slot, name=name, fault=fault)

    def _disturb(self, _slot: int) -> None:
        fault = self._dice.choice(("sda_low", "scl_low", "nack", "flip", "arbitration"))
        self._bench.control("bus", fault=fault, ms=self._dice.choice((1, 30, 60)))

    def _surge(self, _slot: int) -> None:
        self._bench.control("surge", mv=self._dice.choice((21_900, 24_000)), ms=20)

    # --- what must hold -----------------------------------------------------------------

    def _check(self) -> None:
        for slot in SLOTS:
            unit = self._unit(slot)
            if unit["serial"] is None:
                continue
            try:
                state = self._rack.bmc(slot).power_state()
            except errors.RackletError:
                continue  # it is starting, or on its way out
            where = f"slot {slot}, {state.state_text}: {self.story[-12:]}"
            unit = self._unit(slot)
            vout_mv = unit["vout_mv"]
            assert isinstance(vout_mv, int)
            if state.state == power.ABSENT:
                assert not unit["latch"], f"on while absent: {where}"
            if state.state == power.OFF and vout_mv >= EMPTY_MV:
                self._must_not_stay_off(slot, where)
            if slot in self._faulted:
                assert not unit["latch"], f"on after a fault, without a command: {where}"
            if state.state == power.FAULT and self._is_latched(state.fault):
                self._faulted.add(slot)
            try:
                self.chronicles[slot].look(state)
            except errors.RackletError:
                continue  # the rest of the log is read at the next look

    def _is_latched(self, reason: int) -> bool:
        """Until a command. With "last", what the failing supply has switched off comes back."""
        return not (self._restores_last and reason == power.R_INPUT_UNDERVOLTAGE)

    def _must_not_stay_off(self, slot: int, where: str) -> None:
        """Off, but something feeds the rail: that is noticed in half a second."""
        self._bench.clock.sleep(0.8)
        try:
            state = self._rack.bmc(slot).power_state()
        except errors.RackletError:
            return
        vout_mv = self._unit(slot)["vout_mv"]
        assert isinstance(vout_mv, int)
        is_off = state.state == power.OFF and vout_mv >= EMPTY_MV
        assert not is_off, f"off, and not measured so ({vout_mv} mV): {where}"

    def _unit(self, slot: int) -> dict[str, object]:
        world = self._bench.control("state")
        assert isinstance(world, dict)
        found: dict[str, object] = next(row for row in world["slots"] if row["slot"] == slot)
        return found

    def check_log(self, slot: int) -> None:
        """What the unit's own log tells of its life must be possible, and all of it."""
        chronicle = self.chronicles[slot]
        chronicle.look(self._rack.bmc(slot).power_state())
        assert not list(chronicle.on_while_absent())
        assert not list(chronicle.missing())
        assert not list(chronicle.unexplained()), self.story[-40:]
        fault_s = None  # since when one is latched
        states = 0
        for at_s, record in chronicle.states():
            states += 1
            state = record.fields["state"]
            # Last words, written while the supply falls, say only where it ended.
            before = record.fields.get("before", -1)
            told = f"slot {slot}, {at_s:.3f} s: {record}"
            assert (before, state) not in IMPOSSIBLE, told
            if state == power.TURNING_ON and fault_s is not None:
                since_s = fault_s - DATED_S
                assert any(since_s <= command_s <= at_s for command_s in self._commands[slot]), told
            if state in (power.FAULT, power.TURNING_ON):
                is_fault = state == power.FAULT and self._is_latched(record.fields["reason"])
                fault_s = at_s if is_fault else None
        assert states, "a life leaves its traces in the log"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("seed", range(metafunc.config.getoption("--lives")))


def test_random_life(bench: Bench, rack: Rack, seed: int, request: pytest.FixtureRequest) -> None:
    life = Life(bench, rack, seed)
    life.run(request.config.getoption("--life-s"))
    for slot in SLOTS:
        bench.insert(slot)
        bench.control("release", slot=slot)
        bench.control("sensor", slot=slot, name="fru", fault="ok")
    bench.clock.sleep(90)  # until the last flood has been written down
    for slot in SLOTS:
        life.check_log(slot)
