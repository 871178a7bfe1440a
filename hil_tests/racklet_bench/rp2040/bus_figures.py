"""Print what the byte path needs: messages against the wire, and how long the clock is held.

`python -m racklet_bench.rp2040.bus_figures [--json]`. Emulated at 125 MHz with the model of the
flash cache. The peer is MicroPython's own memory mode of machine.I2CTarget, which is C alone,
without PEC or count, on the same chip in the same run.
"""

from collections.abc import Iterator, Sequence

from racklet_plant import smbus
from racklet_wire.commands import code_of
from racklet_wire.pec import crc8

from ..figures import EMULATED, Figure, show
from . import engine
from .bench import EmulatedRack
from .repl import CodeFailed, Repl

MS = 1_000_000
_ADDRESS = 0x11
_SPEEDS = (100_000, 400_000)
_TIMES = 40

Transaction = Sequence[smbus.Message]


def _write(*data: int) -> smbus.Write:
    pec = crc8(bytes((_ADDRESS << 1, *data)))
    return smbus.Write(_ADDRESS, bytes((*data, pec)))


def _read(size: int, *data: int) -> Transaction:
    return [smbus.Write(_ADDRESS, bytes(data)), smbus.Read(_ADDRESS, size)]


_BLOCK_READ = _read(34, code_of("IDENTIFY"))
_BLOCK_WRITE = [_write(code_of("CONSOLE_INPUT"), 32, *bytes(32))]
_SELECT, _LIMIT = code_of("SETTING_SELECT"), code_of("TON_DELAY")
# What is asked -> transactions back to back, of which the longest held clock counts.
_HELD: dict[str, Sequence[Transaction]] = {
    "READ_VIN": [_read(3, code_of("READ_VIN"))],
    "STATUS_WORD": [_read(3, code_of("STATUS_WORD"))],
    "QUERY": [_read(3, code_of("QUERY"), 1, code_of("READ_VIN"))],
    "SMBALERT_MASK": [_read(3, code_of("SMBALERT_MASK"), 1, code_of("STATUS_VOUT"))],
    "STATUS_WORD right after a mistake": [_read(2, 0x8A), _read(3, code_of("STATUS_WORD"))],
    "a limit right after it was written": [[_write(_LIMIT, 0, 0xEB)], _read(3, _LIMIT)],
    "SETTING right after its selection": [[_write(_SELECT, 0, 0)], _read(22, code_of("SETTING"))],
}
# Load of the main loop -> code at the REPL, us at most, and what else there is to know.
_LOADS = {
    "under gc.collect()": ("gc.collect()", 150, ""),
    "under allocation": ("[bytearray(40) for i in range(50)]", None, ""),
    "while logging to flash": (
        "base.log.append(events.BUS_RESET)",
        1000,
        "; the program of a page falls into one: 400 us without code from flash, and then none of "
        "it in the cache",
    ),
}


class Meter:
    """Transactions of a rack whose BMC is in slot 1."""

    def __init__(self, rack: EmulatedRack) -> None:
        self._rack = rack

    def run(
        self, transactions: Sequence[Transaction], hz: int, times: int = _TIMES
    ) -> tuple[float, float, float]:
        """Mean time, the wire's minimum, and the longest held clock, in us."""
        rack, bus = self._rack, self._rack.plant.bus
        bus.hz, total, bits, longest, done = hz, 0, 0, 0, 0
        while done < times:
            begin, begin_bits, bus.longest_stretch_ns = rack.world.now_ns, bus.bits, 0
            try:
                for transaction in transactions:
                    rack.transfer(transaction)
            except smbus.Nack:  # it is erasing flash and has said so
                rack.run_until(rack.world.now_ns + 50 * MS)
                continue
            total += rack.world.now_ns - begin
            bits += bus.bits - begin_bits
            longest = max(longest, bus.longest_stretch_ns)
            done += 1
            rack.run_until(rack.world.now_ns + 7 * MS)
        return total / times / 1000, bits / times * 1e6 / hz, longest / 1000


def messages(meter: Meter) -> Iterator[Figure]:
    """Block read and write of 32 bytes against the wire, idle."""
    for hz in _SPEEDS:
        for what, transaction in (("read", _BLOCK_READ), ("write", _BLOCK_WRITE)):
            name = f"32-byte block {what} with PEC at {hz // 1000} kHz"
            took, wire, held = meter.run([transaction], hz)
            limit = 1.12 if what == "read" and hz == _SPEEDS[1] else None
            how = f"mean of {_TIMES}; the wire's minimum is {wire:.1f} us"
            yield Figure(name, took, "us", EMULATED, how)
            yield Figure(f"{name}, against the wire", took / wire, "x", EMULATED, how, limit)
            how = f"most of {_TIMES}, idle"
            yield Figure(f"{name}, clock held", held, "us", EMULATED, how, 100)


def held(meter: Meter) -> Iterator[Figure]:
    """The longest held clock by what is asked, idle."""
    for name, transactions in _HELD.items():
        longest = max(meter.run(transactions, hz, 10)[2] for hz in _SPEEDS)
        limit = 100 if len(transactions) == 1 and len(transactions[0][0].data) == 1 else 1000  # type: ignore[union-attr]
        how = "longest of 10 at 100 kHz and 10 at 400 kHz, idle"
        yield Figure(f"clock held, {name}", longest, "us", EMULATED, how, limit)


def loaded(rack: EmulatedRack, meter: Meter, repl: Repl) -> Iterator[Figure]:
    """The longest held clock of block reads while the main loop does something else."""
    repl.run(
        "import gc\nfrom racklet_base.first_stage import base\nfrom racklet_wire import events\n"
    )
    chip = rack.bmc(1).chip
    assert chip is not None
    for load, (code, limit, why) in _LOADS.items():
        repl.start(f"while True:\n {code}\n base.watchdog.feed()\n")
        longest = max(meter.run([_BLOCK_READ], hz)[2] for hz in _SPEEDS)
        chip.usb.write(b"\x03")
        try:
            repl.finish()
        except CodeFailed:
            pass  # KeyboardInterrupt
        how = f"most of {_TIMES} block reads at 100 kHz and {_TIMES} at 400 kHz{why}"
        yield Figure(f"clock held {load}", longest, "us", EMULATED, how, limit)


def peer(meter: Meter, repl: Repl) -> Iterator[Figure]:
    """As many bytes as our blocks have, from and to machine.I2CTarget(mem=...)."""
    repl.run(
        "base.mover.detach()\nfrom machine import I2CTarget, Pin\nfrom board import BUSES, PINS\n"
        "bus = BUSES['smbus']\nscl, sda = Pin(PINS[bus['scl']]), Pin(PINS[bus['sda']])\n"
        f"peer = I2CTarget(bus['id'], {_ADDRESS}, mem=bytearray(64), scl=scl, sda=sda)\n"
        "base.watchdog.feed()\n"
    )
    messages = (
        ("34 bytes of I2CTarget(mem)", _read(34, 0)),
        ("34 bytes into I2CTarget(mem)", [smbus.Write(_ADDRESS, bytes(35))]),
    )
    for hz in _SPEEDS:
        for what, transaction in messages:
            took, wire, longest = meter.run([transaction], hz)
            name = f"peer: {what} at {hz // 1000} kHz"
            how = f"mean of {_TIMES}, C alone, without PEC; the wire's minimum is {wire:.1f} us"
            yield Figure(f"{name}, against the wire", took / wire, "x", EMULATED, how)
            yield Figure(f"{name}, clock held", longest, "us", EMULATED, how)


def rows() -> Iterator[Figure]:
    """Measure; the targets are those of the product."""
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    # Idle: admission is over and logged. What a page of flash costs has a row of its own.
    rack.run_until(rack.world.now_ns + 8000 * MS)
    meter = Meter(rack)
    yield from messages(meter)
    yield from held(meter)
    repl = rack.repl(1).enter()
    yield from loaded(rack, meter, repl)
    yield from peer(meter, repl)


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
