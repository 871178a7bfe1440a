"""Print how fast protection and sequencer are, beside the limit of the parts.

`python -m racklet_bench.rp2040.power_figures [--json]`. Emulated at 125 MHz with the model of
the flash cache; the limits are those of ideal parts in the plant, without a firmware.
"""

import os
import random
import statistics
import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from racklet.bmc import Bmc
from racklet.errors import RackletError
from racklet.virtual.plant_bus import PlantBus
from racklet_plant.board import load_board
from racklet_plant.controls import CONTROLS
from racklet_plant.figures import power_figures
from racklet_plant.unit import Unit
from racklet_wire import power

from ..figures import COMPUTED, EMULATED, Figure, show
from ..in_process import PlantClock
from . import engine
from .bench import EmulatedRack, built_image
from .chip import CYCLE_NS, Chip
from .repl import Repl

MS = 1_000_000
_SHOTS = 8
_POWER_ONS, _INSTANTS = 5, 20  # and so many instants of each
_IDLE_MA = 600
_PINS = load_board().pins

Net = tuple[str, int]  # and the level that it takes
_Row = tuple[str, Callable[[], float], str]  # name, what gives milliseconds, how


class NothingHappened(Exception):
    """What was to be measured did not come."""


class Bench:
    """One unit with a compute unit that draws 0.6 A, and its client."""

    def __init__(self) -> None:
        self.rack = EmulatedRack(1)
        self.clock = PlantClock(self.rack)
        self.bmc = Bmc(PlantBus(self.rack.plant.bus), 1, self.clock)
        self.unit: Unit = self.rack.plant.slots[1].insert(bounce=False)
        self.unit.compute.wobble = False
        self._transaction = 0xA000_0000
        self.await_state(power.OFF)

    @property
    def now_ms(self) -> float:
        return self.rack.world.now_ns / MS

    @property
    def chip(self) -> Any:
        return self.rack.bmc(1).chip

    def await_state(self, state: int) -> None:
        for _ in range(5_000):
            try:
                if self.bmc.power_state().state == state:
                    return
            except RackletError:
                pass  # it is starting
            self.clock.sleep(0.002)
        raise NothingHappened(f"not {power.STATE_TEXT[state]} within 10 s")

    def command(self, command: int) -> None:
        """Send it. A client's ids are random, and so would be the chip's cycles."""
        self._transaction += 1
        generation = self.bmc.power_state().generation
        self.bmc.send_power_command(command, self._transaction, generation)

    def on(self, after_ms: float = 300) -> None:
        """Whatever was wrong put right, on, and `after_ms` later."""
        self.unit.heal()
        self.unit.compute.draw(_IDLE_MA)
        self.command(power.COMMAND_ON)
        self.await_state(power.ON)
        self.clock.sleep(after_ms / 1000)

    def off(self) -> None:
        self.command(power.COMMAND_OFF)
        self.await_state(power.OFF)

    def took(self, act: Callable[[], object]) -> float:
        """Milliseconds that it takes."""
        since = self.now_ms
        act()
        return self.now_ms - since

    def from_to(self, act: Callable[[], object], begin: Net | None, end: Net) -> float:
        """Milliseconds from `begin` (the act itself when None) until `end`."""
        first = self.unit.trace(begin[0]) if begin else None
        last = self.unit.trace(end[0])
        since = self.now_ms
        act()
        self.rack.wait_for(lambda: any(level == end[1] for _, level in last[1:]), 2_000 * MS)
        if begin is not None and first is not None:
            since = _when(first, begin)
        return _when(last, end) - since

    def short(self, where: str, milliohm: float) -> None:
        """Behind the eFuse (`efuse`) or at the output (`buck`)."""
        getattr(self.unit.power, where).short_siemens = 1000 / milliohm
        self.unit.power.changed()


def _when(trace: list[tuple[int, int]], net: Net) -> float:
    for ns, level in trace[1:]:
        if level == net[1]:
            return ns / MS
    raise NothingHappened(f"{net[0]} did not become {net[1]}")


def pio_cycles() -> int:
    """The most cycles from a fault pin at its pad to the clear line at its pad."""
    most = 0
    for busy in ("time.sleep_ms(50)", "gc.collect()", "x = 1"):
        for net in ("EF_FLT_N", "LOC_ALERT_N"):
            chip = Chip(built_image())
            pads = [chip.mcu.gpio[_PINS[name]] for name in ("EF_FLT_N", "LOC_ALERT_N")]
            for pad in pads:
                pad.set_input_value(True)
            repl = Repl(chip, chip.usb).enter()
            repl.run("import gc, time, protection\nprotection.arm()")
            repl.start(f"while True: {busy}")
            chip.run_for(7 * MS + 1_234)
            at = _times(chip, "LATCH_CLR", "HIGH")
            fault = chip.now_ns
            chip.mcu.gpio[_PINS[net]].set_input_value(False)
            chip.pins_changed()
            chip.run_for(1 * MS)
            if not at:
                raise NothingHappened("the clear line did not move")
            most = max(most, (at[0] - fault) // CYCLE_NS)
    return most


_HANDLER = """
import board, gc, time
from machine import Pin
from racklet_base.hal import edges
lamp = Pin(board.PINS["DISCHG"], Pin.OUT, value=0)
kept = [bytes(8) for _ in range(5000)]  # a heap as full as that of the application
def act(pin):
    lamp.value(1)
    lamp.value(0)
edges.watch("EF_FLT_N", edges.FALLING, act)
"""


def irq_ms(busy: str) -> float:
    """From a fault pin at its pad to the first act of a handler of the firmware's (hal/edges),
    the longest of some instants of a loop that does `busy`."""
    longest = 0.0
    chip = Chip(built_image())
    pads = [chip.mcu.gpio[_PINS[name]] for name in ("EF_FLT_N", "LOC_ALERT_N")]
    for pad in pads:
        pad.set_input_value(True)
    repl = Repl(chip, chip.usb).enter()
    repl.run(_HANDLER)
    repl.start(f"while True: {busy}")
    for shot in range(_SHOTS):
        chip.run_for(7 * MS + shot * 4_321_234)
        at = _times(chip, "DISCHG", "HIGH")
        fault = chip.now_ns
        pads[0].set_input_value(False)
        chip.pins_changed()
        if not chip.wait_for(lambda at=at: bool(at), 500 * MS):  # type: ignore[misc]
            raise NothingHappened("the handler did not run")
        longest = max(longest, (at[0] - fault) / MS)
        pads[0].set_input_value(True)
        chip.pins_changed()
    return longest


def _times(chip: Chip, net: str, state: str) -> list[int]:
    """When the chip drives the net so from now on, in ns of the chip."""
    at: list[int] = []

    def changed(now: Any) -> None:
        if now.name == state:
            at.append(chip.now_ns)
            chip.stop()

    chip.on_pad(_PINS[net], changed)
    return at


def rearming_ms(bench: Bench) -> float:
    """From RUN low until PIO drives the clear line again."""
    chip = bench.chip
    at, begin = _times(chip, "LATCH_CLR", "LOW"), chip.now_ns
    bench.rack.bmc(1).reset()
    if not bench.rack.wait_for(lambda: bool(at), 2_000 * MS):
        raise NothingHappened("the protection was not armed again")
    return float(at[0] - begin) / MS


def protection_rows(bench: Bench) -> Iterator[Figure]:
    how = "most of 6: asleep, collecting, busy; the pad's synchroniser, 2 cycles, comes on top"
    yield Figure("fault pin to the latch's clear line", pio_cycles(), "cycles", EMULATED, how, 5)
    how = f"longest of {_SHOTS}, the interpreter busy: pad, interrupt, scheduler, Python"
    yield Figure("fault pin to the handler's first act", irq_ms("pass"), "ms", EMULATED, how)
    how = "the same while memory is collected without a pause: an interrupt waits for its end"
    took = irq_ms("gc.collect()")
    yield Figure("fault pin to the handler, collecting", took, "ms", EMULATED, how)
    bench.on()
    took = rearming_ms(bench)
    how = "RUN low until PIO drives the clear line again; so long the fault pins protect alone"
    yield Figure("second protection away after a reset", took, "ms", EMULATED, how)
    bench.clock.sleep(1)
    bench.await_state(power.ON)


def in_a_copy(measure: Callable[[], float]) -> float:
    """What `measure` gives in a copy of this process, with whose world it ends."""
    answer, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(into, struct.pack("d", measure()))
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(answer, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    if not data:
        raise NothingHappened("the copy measured nothing")
    return float(struct.unpack("d", data)[0])


def rows_of_instants(bench: Bench) -> Iterator[Figure]:
    """What depends on what the firmware's loop, or a monitor, is at: at random instants."""
    limits, unit, cut = power_figures(), bench.unit, ("EN", 0)
    rise = limits["latch set to power good, idle, 0.6 A"]
    fall = limits["latch cleared to 0.3 V with discharge, idle, 0.6 A"]
    while_on: tuple[_Row, ...] = (
        (
            "fault pin to the firmware's own act",
            lambda: bench.from_to(lambda: bench.short("efuse", 50), ("EF_FLT_N", 0), ("DISCHG", 1)),
            "interrupt, diagnosis, discharge on; the rail is cut long before",
        ),
        (
            "output short circuit to the enable node",
            lambda: bench.from_to(lambda: bench.short("buck", 50), None, cut),
            "the regulator gives up after 0.26 ms; firmware: away for 10 ms, which is no load step",
        ),
        (
            "input overcurrent to the enable node",
            lambda: bench.from_to(lambda: bench.short("efuse", 4_700), None, cut),
            "4 A more than the load: INA228 alert at 3.0 A, before the eFuse's timer of 25 ms",
        ),
        (
            "output overcurrent to the enable node",
            lambda: bench.from_to(lambda: unit.compute.draw(5_800), None, cut),
            "5.8 A against 5.5 A: the INA228 compares every conversion, 1.1 ms each",
        ),
        (
            "command to off, measured",
            lambda: bench.took(bench.off),
            f"until the client reads it as measured; the parts alone take {fall:.1f} ms",
        ),
    )
    while_off: tuple[_Row, ...] = (
        (
            "command to on, power good",
            lambda: bench.from_to(lambda: bench.command(power.COMMAND_ON), None, ("PG_ALL", 1)),
            f"from the client's first byte at 100 kHz; the parts alone take {rise:.1f} ms",
        ),
        (
            "command to on, measured",
            lambda: bench.took(partial(bench.on, 0)),
            f"until the client reads it as measured; the parts alone take {rise:.1f} ms",
        ),
    )
    took: dict[str, list[float]] = {name: [] for name, _, _ in while_on + while_off}
    chance = random.Random(5)
    for _ in range(_POWER_ONS):
        for bring, kinds in ((partial(bench.on, 0), while_on), (bench.off, while_off)):
            bring()
            for _ in range(_INSTANTS):
                bench.clock.sleep(chance.uniform(0, 0.2))
                for name, measure, _ in kinds:
                    took[name].append(in_a_copy(measure))
    for name, _, how in while_on + while_off:
        ms = took[name]
        median, tenth = statistics.median(ms), statistics.quantiles(ms, n=10)[-1]
        yield Figure(name, median, "ms", EMULATED, f"median of {len(ms)} instants; {how}")
        longest = f"nine tenths of these; the longest took {max(ms):.1f} ms"
        yield Figure(f"{name}, 9 of 10", tenth, "ms", EMULATED, longest)


def detection_rows(bench: Bench) -> Iterator[Figure]:
    bench.on()
    took = bench.from_to(lambda: bench.short("efuse", 50), None, ("EN", 0))
    how = "fault pin straight into the latch; the model's gates take no time"
    yield Figure("input short circuit to the enable node", took * 1000, "us", COMPUTED, how)
    bench.await_state(power.FAULT)
    bench.on()
    sag = CONTROLS["brownout"]
    took = bench.from_to(lambda: sag(bench.rack.plant, mv=9_000, ms=200), None, ("EN", 0))
    how = "to 9 V: the eFuse's window, without the firmware"
    yield Figure("input undervoltage to the enable node", took, "ms", EMULATED, how)
    bench.await_state(power.FAULT)
    bench.clock.sleep(0.5)


def removal_rows(bench: Bench) -> Iterator[Figure]:
    bench.on()
    took = bench.from_to(bench.rack.plant.slots[1].remove, ("PRES_N", 1), ("EN", 0))
    how = "the open presence contact clears the latch; the model's gates take no time"
    yield Figure("removal to the enable node", took * 1000, "us", COMPUTED, how)
    begin = bench.now_ms
    while bench.bmc.is_present():
        bench.clock.sleep(0.001)
    how = "contacts break over 5 ms; asked every millisecond"
    yield Figure(
        "removal to no answer at the client", bench.now_ms - begin, "ms", EMULATED, how, 250
    )


def rows() -> Iterator[Figure]:
    bench = Bench()
    yield from protection_rows(bench)
    yield from rows_of_instants(bench)
    yield from detection_rows(bench)
    yield from removal_rows(bench)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
