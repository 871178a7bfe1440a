"""How long an update takes: `python -m racklet_bench.rp2040.transfer_figures [--json]`.

The public client updates the built firmware on the emulated chip with an image of 128 KiB, from
the first look to the confirmation. The bus counts the bits that it clocks, the flash how long
it was busy; a reset of the same image says how long a start takes. What a verification takes is
among the figures of signatures, the start's among the chip's.
"""

from collections.abc import Iterator
from typing import Any

from racklet.bmc import Bmc
from racklet.errors import Absent, BusError
from racklet.images import build_image, romfs, sign_image
from racklet.update import Package
from racklet.update.unit import Phase, Progress
from racklet_plant.smbus import BITS_PER_BYTE

from ..figures import EMULATED, Figure, show
from . import engine
from .bench import BOARD, Rp2040Bench
from .branch import branch
from .flash import Operation

SIZE = 128 * 1024
_MOST_MESSAGES = 1.25  # of the raw data's bits
_MOST_WHOLE = 1.15  # of messages, flash and restart


def payload() -> bytes:
    """The real firmware, filled up to SIZE."""
    tree: dict[str, Any] = {}
    for path, data in romfs.files(build_image(BOARD)):
        *parents, name = path.split("/")
        folder = tree
        for parent in parents:
            folder = folder.setdefault(parent, {})
        folder[name] = data
    # 16 bytes for the longer lengths of a filled file.
    room = SIZE - len(romfs.pack(tree | {"filler": b""}))
    packed = romfs.pack(tree | {"filler": bytes(range(256)) * ((room - 16) // 256)})
    assert SIZE - 512 < len(packed) <= SIZE
    return packed


class FlashTime:
    """How long the flash chip of the unit in slot 1 was erasing and programming."""

    def __init__(self, bench: Rp2040Bench) -> None:
        self.ns = 0
        chip = bench.rack.bmc(1).chip
        assert chip is not None
        chip.flash.on_end = self._count

    def _count(self, operation: Operation) -> None:
        self.ns += operation.end_ns - operation.begin_ns


class Heap:
    """The heap in use after a collection, looked at in copies of the bench: before an update,
    and when all of it has arrived and is verified. Not while chunks arrive: a Ctrl-C amid their
    interrupts may be lost."""

    def __init__(self, bench: Rp2040Bench) -> None:
        self._bench = bench
        self.before = self.after = self._used()

    def on_progress(self, progress: Progress) -> None:
        if progress.phase is Phase.VERIFIED:
            self.after = self._used()

    def _used(self) -> int:
        code = "import gc; gc.collect(); print(gc.mem_alloc())"
        return branch(lambda: int(self._bench.rack.repl(1).enter().run(code)))


def serving(bench: Rp2040Bench, bmc: Bmc) -> None:
    """Wait until the firmware serves."""
    give_up = bench.clock.monotonic() + 10
    while bench.clock.monotonic() < give_up:
        try:
            if not bmc.identify().is_starting:
                return
        except (Absent, BusError):
            pass  # it is off the bus while it starts, and while it erases
        bench.clock.sleep(0.005)
    raise AssertionError("it does not serve")


def rows() -> Iterator[Figure]:
    """Measure; the targets are those of the product."""
    firmware = payload()
    bench = Rp2040Bench(slots=1)
    bench.ship(sign_image(firmware, bench.signing_key, 1, BOARD))
    bench.insert(1)
    bmc = Bmc(bench.bus, 1, bench.clock)
    serving(bench, bmc)
    bus, world = bench.rack.plant.bus, bench.rack.world
    began = world.now_ns
    bench.reset_bmc(1)
    bench.clock.sleep(0.005)
    serving(bench, bmc)
    restart_ms = (world.now_ns - began) / 1e6
    how = "reset to serving, image verified"
    yield Figure("restart with an image of 128 KiB", restart_ms, "ms", EMULATED, how)
    for sequence, hz in ((2, 400_000), (3, 100_000)):
        bus.hz = hz
        package = Package.of(sign_image(firmware, bench.signing_key, sequence, BOARD))
        bench.clock.sleep(1)
        heap = Heap(bench)
        flash, bits, began = FlashTime(bench), bus.bits, world.now_ns
        bmc.update(package, heap.on_progress, watch_s=0)
        took_ms = (world.now_ns - began) / 1e6
        messages_ms = (bus.bits - bits) * 1e3 / hz
        raw_ms = len(package.image.stream) * BITS_PER_BYTE * 1e3 / hz
        name = f"update of 128 KiB at {hz // 1000} kHz"
        how = f"the wire's minimum for the data alone is {raw_ms:.0f} ms"
        yield Figure(name, took_ms, "ms", EMULATED, how)
        ratio = messages_ms / raw_ms
        how = "bits of all messages against those of the data"
        yield Figure(f"{name}, its messages", ratio, "x", EMULATED, how, _MOST_MESSAGES)
        least_ms = messages_ms + flash.ns / 1e6 + restart_ms
        how = f"messages, {flash.ns / 1e6:.0f} ms of flash and the restart: {least_ms:.0f} ms"
        ratio = took_ms / least_ms
        yield Figure(f"{name}, whole", ratio, "x", EMULATED, how, _MOST_WHOLE)
        how = f"heap in use when it is verified, against {heap.before} bytes before"
        more = heap.after - heap.before
        yield Figure(f"{name}, its RAM", more, "bytes", EMULATED, how)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
