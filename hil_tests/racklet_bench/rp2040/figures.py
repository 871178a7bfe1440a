"""Print what the emulated chip needs, beside the limit of the wire.

`python -m racklet_bench.rp2040.figures [--json]`. Emulated at 125 MHz with the model of
the flash cache.
"""

from collections.abc import Iterator

from racklet_plant import smbus

from ..figures import COMPUTED, EMULATED, Figure, show
from . import engine
from .bench import EmulatedRack, built_image

MS = 1_000_000
_ADDRESS = 0x11
_IDENTIFY = b"\xd0"
_REPLY = 34  # count, 32 bytes, PEC
_BITS = 9 * (3 + _REPLY) + 3  # two addresses and the code; two STARTs and a STOP
_READS = 50


def block_reads(rack: EmulatedRack, hz: int) -> tuple[float, float]:
    """Mean time and longest held clock of block reads with PEC, in us."""
    bus, total, done, longest = rack.plant.bus, 0, 0, 0
    bus.hz = hz
    while done < _READS:
        begin, bus.longest_stretch_ns = rack.world.now_ns, 0
        try:
            rack.transfer([smbus.Write(_ADDRESS, _IDENTIFY), smbus.Read(_ADDRESS, _REPLY)])
        except smbus.Nack:  # it is writing its flash and has said so
            rack.run_until(rack.world.now_ns + 50 * MS)
            continue
        total += rack.world.now_ns - begin
        longest = max(longest, bus.longest_stretch_ns)
        done += 1
        rack.run_until(rack.world.now_ns + 3 * MS)
    return total / done / 1000, longest / 1000


def rows() -> Iterator[Figure]:
    """Measure; the targets are those of the product."""
    image = len(built_image())
    yield Figure("firmware in flash", image, "bytes", COMPUTED, "image of the UF2", 640 * 1024)
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    rack.wait_for(lambda: rack.plant.slots[1].unit is not None and rack.bmc(1).answering, 5000 * MS)
    took = rack.world.now_ns / MS
    how = "until it listens at its address"
    yield Figure("insertion to the bus, first start", took, "ms", EMULATED, how, 650)
    rack.run_until(rack.world.now_ns + 1000 * MS)
    for hz in (100_000, 400_000):
        name = f"32-byte block read with PEC at {hz // 1000} kHz"
        wire, limit = _BITS * 1e6 / hz, 1.12 if hz == 400_000 else None
        took, held = block_reads(rack, hz)
        how = f"mean of {_READS}; the wire's minimum is {wire:.1f} us"
        yield Figure(name, took, "us", EMULATED, how)
        yield Figure(f"{name}, against the wire", took / wire, "x", EMULATED, how, limit)
        how = f"most of {_READS} reads, idle"
        yield Figure(f"{name}, clock held", held, "us", EMULATED, how, 100)
    begin = rack.world.now_ns
    rack.bmc(1).reset()
    rack.wait_for(lambda: rack.bmc(1).answering, 5000 * MS)
    took = (rack.world.now_ns - begin) / MS
    how = "until it listens at its address; the image slots are empty"
    yield Figure("reset to the bus", took, "ms", EMULATED, how, 400)
    used = int(rack.repl(1).enter().run("import gc; gc.collect(); print(gc.mem_alloc())"))
    yield Figure("heap in use", used, "bytes", EMULATED, "gc.mem_alloc() after start", 96 * 1024)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
