"""What a trace shows of a unit's rail, held against what the unit's own log tells of it.

Every edge of the enable node needs a record of its own:

* a fall one that says so in the boot in which it came, or, if the BMC was not seen alive between
  the fall and its next start, what that start found;
* a rise a "turning on" that is the latest state before it, or again what the next start found;
* in a flood, one of those that were folded, of which there are as many as the record counts.

A rise into an input that is going takes what its capacitors still held, and the BMC with it. That
one is over in less time than a record takes, and has what the next start found for its fall.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from racklet.bmc import Bmc
from racklet.eventlog import LogRecord
from racklet.records import PowerState
from racklet_wire import events, power

from .bench import Bench

STATE = events.KIND_TEXT[events.STATE]

_UP = (power.TURNING_ON, power.ON, power.SHUTTING_DOWN)  # the latch may be set

# The firmware looks every 100 ms at rest, and an erase takes 45 ms; a boot is dated by an uptime
# that the bus shows up to 100 ms late.
_AFTER_S, _DATE_S = 0.35, 0.15
_OVER_S = 0.010  # a record takes 9 ms
_DISCHARGE_S = 4.0  # "turning on" begins with TON_DELAY and the measured discharge


@dataclass
class _Told:
    """A change of state and its bench time, or the last one of a flood and its time."""

    at_s: float
    record: LogRecord
    left: int  # how many edges it can still explain

    @property
    def state(self) -> int:
        """-1 for a flood that a reset cut short."""
        return int(self.record.fields.get("state", -1))

    @property
    def before(self) -> int | None:
        """None for what a start found."""
        return self.record.fields.get("before")


class Chronicle:
    """Of one unit, from now on. `look` now and then; at the end `unexplained` should be empty."""

    def __init__(self, bench: Bench, bmc: Bmc, slot: int) -> None:
        self._bench = bench
        self._bmc = bmc
        self._edges = bench.trace(slot, "EN")
        self._presence = bench.trace(slot, "PRES_N")
        self._origin_s: dict[int, float] = {}  # boot generation -> bench time of uptime 0
        self._alive_s: dict[int, float] = {}  # and when it was last heard of
        self._last = 0
        self.records: list[LogRecord] = []

    def look(self, state: PowerState) -> None:
        """Take in what is new in the log; `state` was read just now, and dates this boot."""
        now = self._bench.clock.monotonic()
        origin = now - state.uptime_ms / 1000
        known = self._origin_s.get(state.generation, origin)
        self._origin_s[state.generation] = min(known, origin)
        self._alive_s[state.generation] = now
        for record in self._bmc.log(self._last):
            self.records.append(record)
            self._last = record.sequence

    def missing(self) -> Iterator[str]:
        """A line for each hole in the sequence numbers that were read."""
        for before, record in pairwise(self.records):
            if record.sequence != before.sequence + 1:
                yield f"records {before.sequence + 1} to {record.sequence - 1} were never there"

    def unexplained(self) -> Iterator[str]:
        """A line for each change of the enable node that no record tells of."""
        told = self._told()
        for (ns, level), following in zip_longest(self._edges[1:], self._edges[2:]):
            at_s = ns / 1e9
            own = _rise(told, at_s) if level else _fall(told, at_s)
            own = own or self._found(told, at_s, level) or _folded(told, at_s)
            if level and following and (over_s := following[0] / 1e9) < at_s + _OVER_S:
                own = own or self._found(told, over_s, 0)
            if own is not None:
                own.left -= 1
                continue
            near = [(round(t.at_s, 3), t.record) for t in told if abs(t.at_s - at_s) < 2]
            yield f"{at_s:.3f} s: the enable node went to {level}; the log has {near}"

    def on_while_absent(self) -> Iterator[str]:
        """A line for each instant at which the rail was on and the unit not seated."""
        for ns, is_open in self._presence:
            if is_open and _level(self._edges, ns):
                yield f"{ns / 1e9:.6f} s: presence opened, and the enable node stayed"
        for ns, level in self._edges:
            if level and _level(self._presence, ns):
                yield f"{ns / 1e9:.6f} s: the enable node rose without presence"

    def states(self) -> Iterator[tuple[float, LogRecord]]:
        """Changes of state that have a record of their own, with their bench time."""
        return ((one.at_s, one.record) for one in self._told() if one.state >= 0)

    def _told(self) -> list[_Told]:
        """A boot that ended before anybody looked has no date of its own: its records count as
        of the time of the boot after it."""
        told = []
        following = None
        for record in reversed(self.records):
            boot = record.fields.get("boot", record.generation)  # in which it happened
            origin = self._origin_s.get(boot)
            following = self._origin_s.get(record.generation, following)
            if record.kind == STATE and following is not None:
                at_s = following if origin is None else origin + record.last_ms / 1000
                told.append(_Told(at_s, record, record.count))
        told.reverse()
        told.sort(key=lambda one: one.at_s)
        return told

    def _found(self, told: list[_Told], at_s: float, level: int) -> _Told | None:
        """What the next start found, if the boot of this edge was not heard of much longer."""
        for one in told:
            if one.at_s < at_s or one.before is not None or one.state < 0:
                continue
            earlier = [s for g, s in self._alive_s.items() if g < one.record.generation]
            is_silent = all(alive < at_s + _AFTER_S for alive in earlier)
            return one if is_silent and (one.state in _UP) == bool(level) else None
        return None


def _level(trace: list[tuple[int, int]], at_ns: int) -> int:
    """After everything that happened at that instant."""
    place = bisect_right(trace, at_ns, key=lambda change: change[0])
    return trace[max(place - 1, 0)][1]


def _rise(told: list[_Told], at_s: float) -> _Told | None:
    """The "turning on" that was not over when the latch was set."""
    begun = None
    for one in told:
        if one.at_s > at_s + _DATE_S:
            break
        if one.state == power.TURNING_ON:
            is_recent = at_s - one.at_s < _DISCHARGE_S
            begun = begun or (one if one.left and is_recent else None)
        elif one.state >= 0 and one.state not in _UP and one.at_s < at_s - _DATE_S:
            begun = None
    return begun


def _fall(told: list[_Told], at_s: float) -> _Told | None:
    """The change, from a state in which the latch may be set, that was seen at once."""
    for one in told:
        is_fall = one.before in _UP and one.state not in _UP
        if is_fall and one.left and at_s - 0.005 <= one.at_s <= at_s + _AFTER_S:
            return one
    return None


def _folded(told: list[_Told], at_s: float) -> _Told | None:
    """One of a flood, which began after the latest change that has a record of its own."""
    for before, one in pairwise(told):
        is_within = before.at_s - _DATE_S <= at_s <= one.at_s + _AFTER_S
        is_flood = one.record.count > 1 or one.state < 0
        if is_flood and one.left and is_within:
            return one
    return None
