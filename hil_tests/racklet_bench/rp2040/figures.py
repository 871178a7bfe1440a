"""Print what the emulated chip needs, beside the limit of the wire.

`python -m racklet_bench.rp2040.figures [--json]`. Emulated at 125 MHz with the model of
the flash cache.
"""

from collections.abc import Iterator

from racklet.images import build_image, sign_image
from racklet_plant import smbus
from racklet_uf2 import OUTPUT, factory, uf2
from racklet_wire import blocks
from racklet_wire.commands import code_of
from racklet_wire.pec import crc8

from ..figures import COMPUTED, EMULATED, Figure, show
from . import engine
from .bench import BOARD, EmulatedRack

MS = 1_000_000
_ADDRESS = 0x11
_IDENTIFY, _BOOT = bytes([code_of("IDENTIFY")]), bytes([code_of("BOOT_STATUS")])
_IMAGE = 128 * 1024
_REPLY = 34  # count, 32 bytes, PEC


def first_answer(rack: EmulatedRack, since_ns: int) -> float:
    """Until IDENTIFY is answered with its PEC, asked for every half millisecond, in ms."""
    start = crc8(bytes([_ADDRESS << 1]) + _IDENTIFY + bytes([_ADDRESS << 1 | 1]))
    while rack.world.now_ns < since_ns + 5000 * MS:
        try:
            write, read = smbus.Write(_ADDRESS, _IDENTIFY), smbus.Read(_ADDRESS, _REPLY)
            if crc8(rack.transfer([write, read])[0], start) == 0:
                return (rack.world.now_ns - since_ns) / MS
        except smbus.Nack:
            pass
        rack.run_until(rack.world.now_ns + MS // 2)
    raise RuntimeError("the BMC does not answer")


def boot_status(rack: EmulatedRack) -> dict[str, int]:
    """How the start went, asked for when it is over."""
    reply = b""
    rack.run_until(rack.world.now_ns + 2000 * MS)
    while not reply:
        try:
            reply = rack.transfer([smbus.Write(_ADDRESS, _BOOT), smbus.Read(_ADDRESS, _REPLY)])[0]
        except smbus.Nack:  # it is erasing flash
            rack.run_until(rack.world.now_ns + 50 * MS)
    fields = blocks.unpack("BOOT_STATUS", reply[1:-1])
    return {name: value for name, value in fields.items() if isinstance(value, int)}


def signed(size: int = 0, *, is_good: bool = True) -> bytes:
    """The application of this tree, signed, filled up to a size."""
    payload = build_image(BOARD)
    payload += b"\xff" * (size - len(payload))
    envelope = sign_image(payload, factory.development_key(), 1, BOARD)
    return envelope if is_good else envelope[:-1] + bytes([envelope[-1] ^ 1])


def starts() -> Iterator[Figure]:
    """From insertion and reset to answers, with an image of 128 KiB in slot A; recovery."""
    rack = EmulatedRack()
    rack.ship(signed(_IMAGE))
    rack.plant.slots[1].insert()
    how = "IDENTIFY with PEC; the flash of a new board"
    yield Figure("insertion to IDENTIFY answered", first_answer(rack, 0), "ms", EMULATED, how, 650)
    boot_status(rack)
    begin = rack.world.now_ns
    rack.bmc(1).reset()
    how = "IDENTIFY with PEC, while the image is being verified"
    yield Figure("reset to the first answer", first_answer(rack, begin), "ms", EMULATED, how, 400)
    said = boot_status(rack)
    how = "signature and digest of an image of 128 KiB; 20 ms from the reset on top, 400 in all"
    yield Figure("start to the image verified", said["verified_ms"], "ms", EMULATED, how, 380)
    how = "all rows, of an application that runs from slot A"
    yield Figure("start to the application serving", said["serving_ms"], "ms", EMULATED, how)
    rack = EmulatedRack()
    rack.ship(signed(is_good=False))
    rack.plant.slots[1].insert()
    first_answer(rack, 0)
    boot_status(rack)
    begin = rack.world.now_ns
    rack.bmc(1).reset()
    how = "IDENTIFY with PEC; no image is good"
    took = first_answer(rack, begin)
    yield Figure("reset to the first answer, recovery", took, "ms", EMULATED, how, 100)
    said = boot_status(rack)
    how = "all rows of recovery, after the image was refused"
    yield Figure("start to recovery serving", said["serving_ms"], "ms", EMULATED, how)
    used = heap(rack)
    yield Figure("heap in use, recovery", used, "bytes", EMULATED, "gc.mem_alloc() after start")


def heap(rack: EmulatedRack) -> int:
    """Bytes in use after a collection, without the file system and its module, which came with
    the person at the REPL."""
    code = (
        "import gc, sys, vfs; vfs.umount('/'); del sys.modules['files']; gc.collect(); "
        "print(gc.mem_alloc())"
    )
    return int(rack.repl(1).enter().run(code))


def rows() -> Iterator[Figure]:
    """Measure; the targets are those of the product."""
    base = len(uf2.unwrap((OUTPUT / f"{BOARD}.uf2").read_bytes()))
    yield Figure("firmware in flash", base, "bytes", COMPUTED, "base, in the UF2", 640 * 1024)
    application = len(build_image(BOARD))
    how = "ROMFS image of the application"
    yield Figure("application in a slot", application, "bytes", COMPUTED, how)
    yield from starts()
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    first_answer(rack, 0)
    boot_status(rack)
    how = "gc.mem_alloc() after start, application in slot A"
    yield Figure("heap in use", heap(rack), "bytes", EMULATED, how, 96 * 1024)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
