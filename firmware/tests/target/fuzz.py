"""Malformed transactions without end, against the whole of a BMC's registers.

    python -m tests.target.fuzz [TRANSACTIONS [SEED]]

Every transaction is wrong in a known way, and earns exactly the bits of STATUS_CML that PMBus
Part II, section 10.9, gives that mistake; nothing else may change, nothing may raise, and the
engine must be ready for the next one. What is wrong is taken from the command table alone.
"""

import random
import sys
import time

from racklet_wire.commands import AUTHENTICATED, COMMANDS, PROTECTION, code_of
from racklet_wire.pec import crc8
from tests.handlers.bmc import Bmc

COMMAND, DATA, PEC, OTHER = 0x80, 0x40, 0x20, 0x02

_SIZES = {"send byte": 0, "byte": 1, "word": 2, "mask": 2}
_ROWS = {row[0]: row for row in COMMANDS}
_CODES = sorted(_ROWS)
_UNKNOWN = sorted(set(range(256)) - set(_CODES))
_WRITABLE = [code for code in _CODES if "w" in _ROWS[code][3]]
_READABLE = [c for c in _CODES if "r" in _ROWS[c][3] and _ROWS[c][2] in ("byte", "word", "block")]
_CALLS = {code_of("QUERY"): 1, code_of("SMBALERT_MASK"): 1, code_of("COEFFICIENTS"): 2}
_WATCHED = [
    code_of(name)
    for name in ["PAGE", "OPERATION", "WRITE_PROTECT", "IOUT_OC_WARN_LIMIT", "READ_VIN", "IDENTIFY"]
]


class Fuzzer:
    """`step()` runs one malformed transaction and checks what it did."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.bmc = Bmc()
        self.count = 0
        self._mistakes = [
            getattr(self, name) for name in sorted(dir(self)) if name.startswith("mistake_")
        ]
        self._before = self._state()
        self.bmc.put(code_of("CLEAR_FAULTS"))

    def step(self) -> None:
        mistake = self.random.choice(self._mistakes)
        about, expected = mistake()
        self.count += 1
        engine = self.bmc.engine
        assert not engine.is_open, (about, "a transaction is still open")
        cml = self.bmc.ask(1, code_of("STATUS_CML"))[0]
        assert cml in expected, (mistake.__name__, about, f"STATUS_CML {cml:02X}")
        assert self._mailbox_is_empty(), (mistake.__name__, about, "something was accepted")
        if self.count % 16 == 0:
            self.bmc.dispatcher.step()
            assert self._state() == self._before, (mistake.__name__, about, "state changed")
        self.bmc.put(code_of("CLEAR_FAULTS"))

    # --- mistakes: each makes one and returns (what was sent, possible STATUS_CML) --------

    def mistake_unknown_code_read(self):
        code = self.random.choice(_UNKNOWN)
        reply = self.bmc.ask(self.random.randrange(1, 40), code)
        assert set(reply) == {0xFF}
        return code, {COMMAND}

    def mistake_unknown_code_written(self):
        message = bytes([self.random.choice(_UNKNOWN)]) + self._noise(40)
        self.bmc.put(*message)
        return message, {COMMAND}

    def mistake_reserved_code(self):
        message = bytes([self.random.choice(AUTHENTICATED)]) + self._noise(34)
        self._put_right(message)
        return message, {COMMAND}

    def mistake_wrong_pec(self):
        message = self._message(self.random.choice(_WRITABLE))
        pec = crc8(bytes([self.bmc.address << 1]) + message)
        message += bytes([pec ^ self.random.randrange(1, 256)])
        self.bmc.put(*message)
        return message, {PEC}

    def mistake_flipped_bit(self):
        """Of the data or the PEC; a flipped code or count is another mistake."""
        code = self.random.choice(_WRITABLE)
        message = bytearray(self._message(code))
        message.append(crc8(bytes([self.bmc.address << 1]) + message))
        first = 2 if _ROWS[code][2] == "block" else 1
        bit = self.random.randrange(8 * first, 8 * len(message))
        message[bit // 8] ^= 1 << bit % 8
        self.bmc.put(*message)
        return message, {PEC}

    def mistake_missing_pec(self):
        codes = [code for code in _WRITABLE if PROTECTION[_ROWS[code][6]][1]]
        message = self._message(self.random.choice(codes))
        self.bmc.put(*message)
        return message, {PEC}

    def mistake_too_long(self):
        code = self.random.choice(_WRITABLE)
        message = self._message(code) + bytes(2) + self._noise(60)
        self.bmc.put(*message)
        return message, {DATA}

    def mistake_very_long(self):
        message = bytes([self.random.choice(_WRITABLE)]) + self.random.randbytes(
            self.random.randrange(64, 600)
        )
        self.bmc.put(*message)
        return message[:40], {DATA}

    def mistake_too_short(self):
        code = self.random.choice(
            [code for code in _WRITABLE if _ROWS[code][2] in ("byte", "word", "mask")]
        )
        message = self._message(code)[:-1]
        self.bmc.put(*message)
        return message, {OTHER}

    def mistake_short_block(self):
        code = self.random.choice([code for code in _WRITABLE if _ROWS[code][2] == "block"])
        message = self._message(code)
        message = message[: self.random.randrange(1, len(message))]
        self.bmc.put(*message)
        return message, {OTHER} if len(message) == 1 else {DATA}

    def mistake_wrong_count(self):
        code = self.random.choice([code for code in _WRITABLE if _ROWS[code][2] == "block"])
        message = bytearray(self._message(code))
        message[1] ^= self.random.randrange(1, 256)
        self._put_right(bytes(message))
        return message, {DATA}

    def mistake_read_only_written(self):
        code = self.random.choice([code for code in _CODES if _ROWS[code][3] == "r"])
        message = bytes([code]) + self.random.randbytes(self.random.randrange(1, 36))
        self.bmc.put(*message)
        return message, {DATA}

    def mistake_read_broken_off(self):
        code = self.random.choice([code for code in _CODES if _ROWS[code][3] == "r"])
        self.bmc.put(code)
        return code, {OTHER}

    def mistake_read_on(self):
        code = self.random.choice(_READABLE)
        size = self.bmc.ask(1, code)[0] + 2 if _ROWS[code][2] == "block" else _ROWS[code][5] + 1
        extra = self.random.randrange(1, 40)
        reply = self.bmc.ask(size + extra, code)
        assert reply[size:] == b"\xff" * extra
        return (code, extra), {OTHER}

    def mistake_read_of_a_write(self):
        code = self.random.choice([code for code in _CODES if _ROWS[code][3] == "w"])
        self.bmc.ask(self.random.randrange(1, 40), code)
        return code, {OTHER}

    def mistake_data_in_a_read(self):
        code = self.random.choice(_READABLE)
        message = bytes([code]) + self.random.randbytes(self.random.randrange(1, 40))
        self.bmc.ask(self.random.randrange(1, 40), *message)
        return message, {OTHER}

    def mistake_start_inside_a_write(self):
        message = self._message(self.random.choice(_WRITABLE))
        self.bmc.put(*message, stop=False)
        self.bmc.put(code_of("STATUS_CML"), stop=False)
        self.bmc.get(1)
        return message, {OTHER}

    def mistake_stall(self):
        engine = self.bmc.engine
        engine.on_write()
        noise = self._noise(40)
        if noise:
            engine.on_bytes(noise, len(noise))
        if self.random.random() < 0.5:
            engine.on_end_write(True)
            engine.on_read()
            for _ in range(self.random.randrange(4)):
                engine.take()
        waited = 0
        while not engine.is_stuck(is_held=True):
            waited += 5
            self.bmc.now_ms += 5
            assert waited < 35, "the stall was not noticed in time"
        engine.abort()
        return noise, {OTHER, OTHER | COMMAND, OTHER | DATA, OTHER | PEC}

    def mistake_wrong_arguments(self):
        code, size = self.random.choice(sorted(_CALLS.items()))
        right = bytes([code, size]) + self.random.randbytes(size)
        message = self.random.choice(
            (
                right[: self.random.randrange(1, len(right))],
                right + self.random.randbytes(self.random.randrange(1, 36)),
                bytes([code, size ^ self.random.randrange(1, 256)]) + right[2:],
            )
        )
        reply = self.bmc.ask(self.random.randrange(1, 10), *message)
        assert set(reply) == {0xFF}
        return message, {DATA}

    def mistake_bad_page(self):
        self._put_right(bytes([code_of("PAGE"), self.random.randrange(1, 255)]))
        return "PAGE", {DATA}

    def mistake_bad_write_protect(self):
        value = self.random.choice([v for v in range(256) if v not in (0, 0x20, 0x40, 0x80)])
        self._put_right(bytes([code_of("WRITE_PROTECT"), value]))
        return value, {DATA}

    def mistake_bad_operation(self):
        value = self.random.choice([v for v in range(256) if v not in (0, 0x40, 0x80)])
        self._put_right(bytes([code_of("OPERATION"), value]))
        return value, {DATA}

    def mistake_limit_out_of_bounds(self):
        word = self.random.choice((0x7BFF, 0x7C00, 0x0400, 0x83FF, 0x5BFF))
        names = ["IOUT_OC_FAULT_LIMIT", "VIN_OV_WARN_LIMIT", "OT_FAULT_LIMIT", "POUT_OP_WARN_LIMIT"]
        name = self.random.choice(names)
        self._put_right(bytes([code_of(name), word & 0xFF, word >> 8]))
        return (name, word), {DATA}

    def mistake_locked(self):
        """Right in itself, but WRITE_PROTECT does not let it through."""
        level = self.random.choice((0x20, 0x40, 0x80))
        protect = code_of("WRITE_PROTECT")
        self._put_right(bytes([protect, level]))
        codes = [code for code in _WRITABLE if PROTECTION[_ROWS[code][6]][0] < level]
        message = self._message(self.random.choice(codes))
        self._put_right(message)
        self._put_right(bytes([protect, 0]))
        return (level, message), {DATA}

    def mistake_events_out_of_place(self):
        """No transaction is open: a mover that lost its place."""
        engine = self.bmc.engine
        noise = self._noise(16) or b"\x03"
        for event in self.random.sample(range(4), 3):
            if event == 0:
                engine.on_bytes(noise, len(noise))
            elif event == 1:
                engine.on_end_write(self.random.random() < 0.5)
            elif event == 2:
                engine.on_end_read()
            else:
                assert bytes(engine.take()) == b"\xff"
        return noise, {0}

    # --- helpers ------------------------------------------------------------------------------

    def _message(self, code: int) -> bytes:
        """A write of this code with the right size, and data that no guard looks at."""
        _, _, transaction, _, _, size, _ = _ROWS[code]
        if transaction == "block":
            return bytes([code, size]) + self.random.randbytes(size)
        return bytes([code]) + self.random.randbytes(_SIZES[transaction])

    def _put_right(self, message: bytes) -> None:
        self.bmc.put_with_pec(*message)

    def _noise(self, most: int) -> bytes:
        return self.random.randbytes(self.random.randrange(most + 1))

    def _mailbox_is_empty(self) -> bool:
        return self.bmc.registers.mailbox.take() is None

    def _state(self) -> list[object]:
        """What no malformed transaction may change."""
        bench = self.bmc.bench
        registers = [self.bmc.ask(34, code)[: _ROWS[code][5]] for code in _WATCHED]
        settings = [bench.settings.get(name) for name in bench.settings.names()]
        mask = bytes(self.bmc.registers.status.mask)
        return [registers, settings, mask, bench.power.state, bench.log.last]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() & 0xFFFFFFFF
    print(f"{count:,} malformed transactions, seed {seed}", flush=True)
    fuzzer = Fuzzer(seed)
    for _ in range(count):
        fuzzer.step()
    print(f"{fuzzer.count:,} transactions: 0 hangs, 0 exceptions, 0 changes of state")


if __name__ == "__main__":
    main()
