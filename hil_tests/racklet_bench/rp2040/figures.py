"""Print what the emulated chip needs, beside the limit of the wire.

Emulated at 125 MHz; with the compiled engine misses of the flash cache are counted.
"""

from racklet_plant import smbus

from . import engine
from .bench import EmulatedRack

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


def main() -> None:
    """Measure and print."""
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    rack.wait_for(lambda: rack.plant.slots[1].unit is not None and rack.bmc(1).answering, 5000 * MS)
    print(f"engine: {'compiled, XIP misses counted' if engine.FAST else 'stock'}")
    print(f"insertion to the bus, first start: {rack.world.now_ns / MS:.0f} ms")
    rack.run_until(rack.world.now_ns + 1000 * MS)
    for hz in (100_000, 400_000):
        wire = _BITS * 1e6 / hz
        took, held = block_reads(rack, hz)
        print(
            f"32-byte block read with PEC at {hz // 1000} kHz: {took:.0f} us, wire {wire:.0f} us, "
            f"{took / wire:.2f}x; clock held at most {held:.0f} us"
        )
    begin = rack.world.now_ns
    rack.bmc(1).reset()
    rack.wait_for(lambda: rack.bmc(1).answering, 5000 * MS)
    print(f"reset to the bus: {(rack.world.now_ns - begin) / MS:.0f} ms")
    used = rack.repl(1).enter().run("import gc; gc.collect(); print(gc.mem_alloc())")
    print(f"heap in use: {int(used)} bytes")


if __name__ == "__main__":
    main()
