"""Print how fast protection and sequencer are, beside the limit of the parts.

`python -m racklet_bench.rp2040.power_figures [--json]`. Emulated at 125 MHz with the model of
the flash cache; the limits are those of ideal parts in the plant, without a firmware.
"""

from collections.abc import Callable, Iterator
from typing import Any

from racklet.bmc import Bmc
from racklet.errors import RackletError
from racklet.power import PowerCommand
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
_IDLE_MA = 600
_PINS = load_board().pins

Net = tuple[str, int]  # and the level that it takes


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
        self.await_state(power.OFF)

    @property
    def now_ms(self) -> float:
        return self.rack.world.now_ns / MS

    @property
    def chip(self) -> Any:
        return self.rack.bmc(1).chip

    def await_state(self, state: int) -> None:
        for _ in range(1_000):
            try:
                if self.bmc.power_state().state == state:
                    return
            except RackletError:
                pass  # it is starting
            self.clock.sleep(0.01)
        raise NothingHappened(f"not {power.STATE_TEXT[state]} within 10 s")

    def on(self, after_ms: float = 300) -> None:
        """Whatever was wrong put right, on, and `after_ms` later."""
        self.unit.heal()
        self.unit.compute.draw(_IDLE_MA)
        self.bmc.power(PowerCommand.ON)
        self.clock.sleep(after_ms / 1000)

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
    acts = []
    for shot in range(_SHOTS):
        bench.on(100 + shot * 11.237)
        acts.append(bench.from_to(lambda: bench.short("efuse", 50), ("EF_FLT_N", 0), ("DISCHG", 1)))
        bench.await_state(power.FAULT)
    how = f"longest of {_SHOTS}: interrupt, diagnosis, discharge on; the rail is cut long before"
    yield Figure("fault pin to the firmware's own act", max(acts), "ms", EMULATED, how)
    bench.on()
    took = rearming_ms(bench)
    how = "RUN low until PIO drives the clear line again; so long the fault pins protect alone"
    yield Figure("second protection away after a reset", took, "ms", EMULATED, how)
    bench.clock.sleep(1)
    bench.await_state(power.ON)


def detection_rows(bench: Bench) -> Iterator[Figure]:
    off, unit = ("EN", 0), bench.unit
    bench.on()
    took = bench.from_to(lambda: bench.short("efuse", 50), None, off)
    how = "fault pin straight into the latch; the model's gates take no time"
    yield Figure("input short circuit to the enable node", took * 1000, "us", COMPUTED, how)
    bench.await_state(power.FAULT)
    bench.on()
    took = bench.from_to(lambda: bench.short("efuse", 4_700), None, off)
    how = "4 A more than the load: INA228 alert at 3.0 A, before the eFuse's timer of 25 ms"
    yield Figure("input overcurrent to the enable node", took, "ms", EMULATED, how)
    bench.await_state(power.FAULT)
    for name, act, how in (
        (
            "output short circuit",
            lambda: bench.short("buck", 50),
            "the regulator gives up after 0.26 ms; firmware: away for 10 ms, which is no load step",
        ),
        (
            "output overcurrent",
            lambda: unit.compute.draw(5_800),
            "5.8 A against 5.5 A: the INA228 compares every conversion, 1.1 ms each",
        ),
        (
            "input undervoltage",
            lambda: CONTROLS["brownout"](bench.rack.plant, mv=9_000, ms=200),
            "to 9 V: the eFuse's window, without the firmware",
        ),
    ):
        bench.on()
        yield Figure(
            f"{name} to the enable node", bench.from_to(act, None, off), "ms", EMULATED, how
        )
        bench.await_state(power.FAULT)
        bench.clock.sleep(0.5)


def sequence_rows(bench: Bench) -> Iterator[Figure]:
    limits = power_figures()
    unit = bench.unit
    unit.heal()
    unit.compute.draw(_IDLE_MA)
    bench.bmc.power(PowerCommand.OFF)
    bench.clock.sleep(0.3)
    task = None

    def command(which: PowerCommand) -> Callable[[], None]:
        def act() -> None:
            nonlocal task
            task = bench.bmc.power_task(which)

        return act

    good = limits["latch set to power good, idle, 0.6 A"]
    empty = limits["latch cleared to 0.3 V with discharge, idle, 0.6 A"]
    for which, net, limit in (
        (PowerCommand.ON, ("PG_ALL", 1), good),
        (PowerCommand.OFF, None, empty),
    ):
        begin = bench.now_ms
        name = f"command to {which.name.lower()}"
        if net is not None:
            took = bench.from_to(command(which), None, net)
            how = f"from the client's first byte at 100 kHz; the parts alone take {limit:.1f} ms"
            yield Figure(f"{name}, power good", took, "ms", EMULATED, how)
        else:
            command(which)()
        while task is not None and task.poll() is None:
            bench.clock.sleep(0.002)
        how = f"until the client reads it as measured; the parts alone take {limit:.1f} ms"
        yield Figure(f"{name}, measured", bench.now_ms - begin, "ms", EMULATED, how)
        bench.clock.sleep(0.3)


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
    yield from detection_rows(bench)
    yield from sequence_rows(bench)
    yield from removal_rows(bench)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
