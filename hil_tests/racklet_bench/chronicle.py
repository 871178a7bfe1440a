"""What a trace shows of a unit's rail, held against what the unit's own log tells of it."""

from collections.abc import Iterator
from itertools import pairwise

from racklet.bmc import Bmc
from racklet.eventlog import LogRecord
from racklet.records import PowerState
from racklet_wire import events, power

from .bench import Bench

STATE = events.KIND_TEXT[events.STATE]
BOOT = events.KIND_TEXT[events.BOOT]

_UP = {power.TURNING_ON, power.ON}
_DOWN = {power.TURNING_OFF, power.FAULT, power.ABSENT, power.OFF}

# A record may come before the edge (TON_DELAY and discharge are part of "turning on") and after
# it (the firmware looks, at rest, every 100 ms; the time of its boot is known to 0.1 s).
_BEFORE_S, _AFTER_S = 4.0, 1.0
_BOOT_S = 10.0  # a BMC that lost its power, or hung until the watchdog bit, says what it found
_FLOOD, _FLOOD_S = 16, 10.0  # of one kind: what comes on top is folded, and lost with a reset
_FOLD_S = 71.0  # a record that stands for a flood covers so much


class Chronicle:
    """Of one unit, from now on. `look` now and then; at the end `unexplained` should be empty."""

    def __init__(self, bench: Bench, bmc: Bmc, slot: int) -> None:
        self._bench = bench
        self._bmc = bmc
        self._edges = bench.trace(slot, "EN")
        self._origin_s: dict[int, float] = {}  # boot generation -> bench time of uptime 0
        self._last = 0
        self.records: list[LogRecord] = []

    def look(self, state: PowerState) -> None:
        """Take in what is new in the log; `state` was read just now, and dates this boot."""
        origin = self._bench.clock.monotonic() - state.uptime_ms / 1000
        known = self._origin_s.get(state.generation, origin)
        self._origin_s[state.generation] = min(known, origin)
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
        told = self._dated()
        for ns, level in self._edges[1:]:
            at = ns / 1e9
            if any(_explains(record, since, at, level) for since, record in told):
                continue
            if not self._is_drowned(told, at):
                near = [record for since, record in told if abs(since - at) < 2]
                yield f"{at:.3f} s: the enable node went to {level}; the log has {near}"

    @staticmethod
    def _is_drowned(told: list[tuple[float, LogRecord]], at_s: float) -> bool:
        """In a flood, and a reset came before what was folded could be written down."""
        states = [s for s, r in told if r.kind == STATE and -_FOLD_S - _FLOOD_S < s - at_s <= 0]
        bursts = zip(states, states[_FLOOD - 1 :], strict=False)
        is_flood = any(last - first <= _FLOOD_S for first, last in bursts)
        return is_flood and any(r.kind == BOOT and 0 < s - at_s < _FOLD_S for s, r in told)

    def _dated(self) -> list[tuple[float, LogRecord]]:
        """Records with their bench time. A boot that ended before anybody looked has none of
        its own: its records count as of the time of the boot after it."""
        dated = []
        following = None
        for record in reversed(self.records):
            origin = self._origin_s.get(record.generation)
            if origin is not None:
                following = origin
                dated.append((origin + record.uptime_ms / 1000, record))
            elif following is not None:
                dated.append((following, record))
        return dated[::-1]


def _explains(record: LogRecord, told_s: float, at_s: float, level: int) -> bool:
    after = told_s - at_s
    if record.kind == BOOT:
        return not level and 0 <= after <= _BOOT_S
    if record.kind != STATE or record.fields["state"] not in (_UP if level else _DOWN):
        return record.kind == STATE and record.count > 1 and -_AFTER_S <= after <= _FOLD_S
    longest = _FOLD_S if record.count > 1 else _AFTER_S
    return -_BEFORE_S <= after <= longest
