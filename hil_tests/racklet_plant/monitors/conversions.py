"""One converter behind a multiplexer: shunt, bus, temperature, one after the other.

A conversion is the mean of its input over its own window. Results appear at the end of each
conversion, or, with averaging, together after N rounds. Evaluated when somebody looks:
rounds that lie in a constant piece of the input's history are counted, not stepped.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..meter import Meter
from ..world import Handle, World

Round = Callable[[float, float, int], None]


@dataclass
class Plan:
    """What is converted: window lengths in ns (0 = skipped), rounds averaged, continuous or not."""

    shunt_ns: int = 0
    bus_ns: int = 0
    temperature_ns: int = 0
    average: int = 1
    continuous: bool = True
    delay_ns: int = 0

    @property
    def round_ns(self) -> int:
        return self.shunt_ns + self.bus_ns + self.temperature_ns


@dataclass
class Results:
    """Shunt current in uA and bus in uV: as the registers show them, and each last conversion."""

    current_ua: float = 0.0
    bus_uv: float = 0.0
    last_ua: float = 0.0
    last_uv: float = 0.0
    done: bool = False  # a whole round (with averaging: N rounds) has ended since `taken`
    rounds: int = 0
    _sum_i: float = field(default=0.0, repr=False)
    _sum_v: float = field(default=0.0, repr=False)
    _in_block: int = field(default=0, repr=False)


class Conversions:
    """Follows a meter by a `Plan`.

    `on_round(i, v, n)`: n rounds have ended with these values, in uA and uV (energy counts
    here). `on_result()`: the results changed or were renewed (alerts compare here).
    """

    def __init__(
        self, world: World, meter: Meter, on_round: Round, on_result: Callable[[], None]
    ) -> None:
        self._world = world
        self._meter = meter
        self._on_round = on_round
        self._on_result = on_result
        self.plan = Plan()
        self.results = Results()
        self.clock_ppm = 0
        self.alerting = False  # results must be looked at when they come, not when read
        self.every_round = False  # and even when the input does not change
        self.every_conversion = True  # with averaging too, not only its result
        self._start_ns = world.now_ns
        self._rounds = 0
        self._running = False
        self._stage = 0
        self._wake: Handle | None = None
        meter.watch(self.watch, self._needs_from)

    def start(self, plan: Plan) -> None:
        """Begin anew with that plan; results keep their values until the first conversion."""
        self.plan = plan
        results = self.results
        results._sum_i = results._sum_v = 0.0
        results._in_block = 0
        results.done = False
        self._start_ns = self._world.now_ns + plan.delay_ns
        self._rounds = 0
        self._stage = 0
        self._running = plan.round_ns > 0
        self.watch()

    def stop(self) -> None:
        self._running = False
        self._world.cancel(self._wake)

    def catch_up(self) -> None:
        """Do all conversions that have ended by now."""
        now = self._world.now_ns
        while self._running:
            begin = self._time(self._rounds)
            if begin + self._scaled(self.plan.round_ns) > now:
                self._partial(begin, now)
                return
            _, _, end = self._meter.segment(begin)
            limit = now if end is None else min(end, now)
            whole = (limit - self._start_ns) * 1_000_000 // self._round_fs() - self._rounds
            if whole > 0:
                self._count(begin, whole)
            else:
                self._one(begin)

    def watch(self) -> None:
        """The input changed, or what is compared with it did: look again when it can show."""
        if not self._running or not self.alerting:
            return
        if self._wake is None or not self._wake.pending:
            self._wake = self._world.at(self._next_end(), self._woken)

    # --- time ------------------------------------------------------------------

    def _round_fs(self) -> int:
        return self.plan.round_ns * (1_000_000 + self.clock_ppm)

    def _scaled(self, ns: int) -> int:
        return ns * (1_000_000 + self.clock_ppm) // 1_000_000

    def _time(self, rounds: int) -> int:
        return self._start_ns + -(-rounds * self._round_fs() // 1_000_000)

    def _needs_from(self) -> int:
        self.catch_up()
        return self._time(self._rounds) if self._running else self._world.now_ns

    def _next_end(self) -> int:
        """The end of the conversion, or of the rounds to be averaged, that run now."""
        self.catch_up()
        now, plan = self._world.now_ns, self.plan
        begin = self._time(self._rounds)
        if plan.average > 1 and not self.every_conversion:
            return self._time(self._rounds + plan.average - self.results._in_block)
        for ns in (plan.shunt_ns, plan.shunt_ns + plan.bus_ns):
            if (end := begin + self._scaled(ns)) > now:
                return end
        return max(self._time(self._rounds + 1), now + 1)

    def _woken(self) -> None:
        self.catch_up()
        two_blocks = 2 * self._scaled(self.plan.round_ns) * self.plan.average
        if self.every_round or self._world.now_ns - self._meter.last_change_ns <= two_blocks:
            self.watch()

    # --- conversions -------------------------------------------------------------

    def _mean(self, a: int, b: int) -> tuple[float, float]:
        """Mean current in uA and voltage in uV from a to b."""
        _, charge_a, flux_a = self._meter.integrals(a)
        _, charge_b, flux_b = self._meter.integrals(b)
        return (charge_b - charge_a) / (b - a), (flux_b - flux_a) / (b - a)

    def _windows(self, begin: int) -> tuple[float, float]:
        plan, results = self.plan, self.results
        middle = begin + self._scaled(plan.shunt_ns)
        end = middle + self._scaled(plan.bus_ns)
        i = self._mean(begin, middle)[0] if plan.shunt_ns else results.current_ua
        v = self._mean(middle, end)[1] if plan.bus_ns else results.bus_uv
        return i, v

    def _partial(self, begin: int, now: int) -> None:
        """Without averaging each result appears at the end of its own conversion."""
        plan, results = self.plan, self.results
        middle = begin + self._scaled(plan.shunt_ns)
        if plan.shunt_ns and self._stage < 1 and middle <= now:
            results.last_ua = self._mean(begin, middle)[0]
            if plan.average == 1:
                results.current_ua = results.last_ua
            self._stage = 1
            self._on_result()
        end = middle + self._scaled(plan.bus_ns)
        if plan.bus_ns and self._stage < 2 and end <= now:
            results.last_uv = self._mean(middle, end)[1]
            if plan.average == 1:
                results.bus_uv = results.last_uv
            self._stage = 2
            self._on_result()

    def _one(self, begin: int) -> None:
        """One round across a change of the input."""
        i, v = self._windows(begin)
        self._rounds += 1
        self._on_round(i, v, 1)
        self._publish(i, v, 1)

    def _count(self, begin: int, whole: int) -> None:
        """Many rounds in a constant piece."""
        if not self.plan.continuous:
            whole = min(whole, self.plan.average - self.results._in_block)
        v, i, _ = self._meter.segment(begin)
        i = i if self.plan.shunt_ns else round(self.results.current_ua)
        v = v if self.plan.bus_ns else round(self.results.bus_uv)
        self._rounds += whole
        self._on_round(i, v, whole)
        self._publish(i, v, whole)

    def _publish(self, i: float, v: float, count: int) -> None:
        results, average = self.results, self.plan.average
        self._stage = 0
        results.rounds += count
        results.last_ua, results.last_uv = i, v
        take = min(count, average - results._in_block)
        results._sum_i += i * take
        results._sum_v += v * take
        results._in_block += take
        if results._in_block < average:
            self._on_result()
            return
        rest = (count - take) % average
        if count - take >= average:
            results.current_ua, results.bus_uv = i, v
        else:
            results.current_ua = results._sum_i / average
            results.bus_uv = results._sum_v / average
        results._sum_i, results._sum_v, results._in_block = i * rest, v * rest, rest
        results.done = True
        if not self.plan.continuous:
            self._running = False
        self._on_result()
