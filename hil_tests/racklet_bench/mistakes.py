"""Transactions that are wrong in a known way, for fuzzing a BMC over any bus.

Each mistake earns exactly the bits of STATUS_CML that PMBus Part II, section 10.9, gives it;
what is wrong is taken from the command table alone. Nothing else may change.
"""

import random
from typing import Protocol

from racklet_wire.commands import AUTHENTICATED, COMMANDS, PROTECTION, code_of
from racklet_wire.pec import crc8

COMMAND, DATA, PEC, OTHER = 0x80, 0x40, 0x20, 0x02

Outcome = tuple[object, set[int]]  # what was sent, possible STATUS_CML


class Wire(Protocol):
    """Raw messages to one BMC."""

    address: int

    def put(self, *data: int, stop: bool = True) -> None:
        """A write; without `stop` the next message begins with a repeated START."""

    def get(self, size: int) -> bytes:
        """A read."""


_SIZES = {"send byte": 0, "byte": 1, "word": 2, "mask": 2}
_ROWS = {row[0]: row for row in COMMANDS}
_CODES = sorted(_ROWS)
_UNKNOWN = sorted(set(range(256)) - set(_CODES))
_WRITABLE = [code for code in _CODES if "w" in _ROWS[code][3]]
_READABLE = [c for c in _CODES if "r" in _ROWS[c][3] and _ROWS[c][2] in ("byte", "word", "block")]
_STREAM = code_of("IMAGE_CHUNK")
_CALLS = {code_of("QUERY"): 1, code_of("SMBALERT_MASK"): 1, code_of("COEFFICIENTS"): 2}


class Mistakes:
    """`make()` makes one, chosen by `seed`'s random numbers, on `wire`."""

    def __init__(self, wire: Wire, seed: int) -> None:
        self.wire = wire
        self.random = random.Random(seed)
        self._all = [
            getattr(self, name) for name in sorted(dir(self)) if name.startswith("mistake_")
        ]

    def make(self) -> Outcome:
        """One mistake: (its name and what was sent, possible values of STATUS_CML)."""
        mistake = self.random.choice(self._all)
        about, expected = mistake()
        return (mistake.__name__, about), expected

    def cml(self) -> int:
        """STATUS_CML as it is now, cleared after that."""
        found = self._ask(1, code_of("STATUS_CML"))[0]
        self.wire.put(code_of("CLEAR_FAULTS"))
        return found

    def _ask(self, size: int, *data: int) -> bytes:
        self.wire.put(*data, stop=False)
        return self.wire.get(size)

    # --- each makes one mistake -------------------------------------------------------------

    def mistake_unknown_code_read(self) -> Outcome:
        code = self.random.choice(_UNKNOWN)
        reply = self._ask(self.random.randrange(1, 40), code)
        assert set(reply) == {0xFF}
        return code, {COMMAND}

    def mistake_unknown_code_written(self) -> Outcome:
        message = bytes([self.random.choice(_UNKNOWN)]) + self._noise(40)
        self.wire.put(*message)
        return message, {COMMAND}

    def mistake_reserved_code(self) -> Outcome:
        message = bytes([self.random.choice(AUTHENTICATED)]) + self._noise(34)
        self._put_right(message)
        return message, {COMMAND}

    def mistake_wrong_pec(self) -> Outcome:
        message = self._message(self.random.choice(_WRITABLE))
        pec = crc8(bytes([self.wire.address << 1]) + message)
        message += bytes([pec ^ self.random.randrange(1, 256)])
        self.wire.put(*message)
        return message, {PEC}

    def mistake_flipped_bit(self) -> Outcome:
        """Of the data or the PEC; a flipped code or count is another mistake."""
        code = self.random.choice(_WRITABLE)
        message = bytearray(self._message(code))
        message.append(crc8(bytes([self.wire.address << 1]) + message))
        first = 2 if _ROWS[code][2] == "block" else 1
        bit = self.random.randrange(8 * first, 8 * len(message))
        message[bit // 8] ^= 1 << bit % 8
        self.wire.put(*message)
        return message, {PEC}

    def mistake_missing_pec(self) -> Outcome:
        codes = [code for code in _WRITABLE if PROTECTION[_ROWS[code][6]][1]]
        message = self._message(self.random.choice(codes))
        self.wire.put(*message)
        return message, {PEC}

    def mistake_too_long(self) -> Outcome:
        code = self.random.choice(_WRITABLE)
        message = self._message(code) + bytes(2) + self._noise(60)
        self.wire.put(*message)
        return message, {DATA}

    def mistake_very_long(self) -> Outcome:
        message = bytes([self.random.choice(_WRITABLE)]) + self.random.randbytes(
            self.random.randrange(64, 600)
        )
        self.wire.put(*message)
        return message[:40], {DATA}

    def mistake_too_short(self) -> Outcome:
        code = self.random.choice(
            [code for code in _WRITABLE if _ROWS[code][2] in ("byte", "word", "mask")]
        )
        message = self._message(code)[:-1]
        self.wire.put(*message)
        return message, {OTHER}

    def mistake_short_block(self) -> Outcome:
        code = self.random.choice([code for code in _WRITABLE if _ROWS[code][2] == "block"])
        message = self._message(code)
        message = message[: self.random.randrange(1, len(message))]
        self.wire.put(*message)
        return message, {OTHER} if len(message) == 1 else {DATA}

    def mistake_wrong_count(self) -> Outcome:
        code = self.random.choice([code for code in _WRITABLE if _ROWS[code][2] == "block"])
        message = bytearray(self._message(code))
        message[1] ^= self.random.randrange(1, 256)
        self._put_right(bytes(message))
        return message, {DATA}

    def mistake_read_only_written(self) -> Outcome:
        code = self.random.choice([code for code in _CODES if _ROWS[code][3] == "r"])
        message = bytes([code]) + self.random.randbytes(self.random.randrange(1, 36))
        self.wire.put(*message)
        return message, {DATA}

    def mistake_read_broken_off(self) -> Outcome:
        code = self.random.choice([code for code in _CODES if _ROWS[code][3] == "r"])
        self.wire.put(code)
        return code, {OTHER}

    def mistake_read_on(self) -> Outcome:
        code = self.random.choice(_READABLE)
        size = self._ask(1, code)[0] + 2 if _ROWS[code][2] == "block" else _ROWS[code][5] + 1
        extra = self.random.randrange(1, 40)
        reply = self._ask(size + extra, code)
        assert reply[size:] == b"\xff" * extra
        return (code, extra), {OTHER}

    def mistake_read_of_a_write(self) -> Outcome:
        code = self.random.choice([code for code in _CODES if _ROWS[code][3] == "w"])
        self._ask(self.random.randrange(1, 40), code)
        return code, {OTHER}

    def mistake_data_in_a_read(self) -> Outcome:
        code = self.random.choice(_READABLE)
        message = bytes([code]) + self.random.randbytes(self.random.randrange(1, 40))
        self._ask(self.random.randrange(1, 40), *message)
        return message, {OTHER}

    def mistake_start_inside_a_write(self) -> Outcome:
        message = self._message(self.random.choice(_WRITABLE))
        self.wire.put(*message, stop=False)
        self.wire.put(code_of("STATUS_CML"), stop=False)
        self.wire.get(1)
        # The RP2040 looks at every eighth byte of a stream, and takes a piece of it that a START
        # cut short for one that its STOP did: without its PEC.
        return message, {OTHER, PEC} if message[0] == _STREAM else {OTHER}

    def mistake_wrong_arguments(self) -> Outcome:
        code, size = self.random.choice(sorted(_CALLS.items()))
        right = bytes([code, size]) + self.random.randbytes(size)
        message = self.random.choice(
            (
                right[: self.random.randrange(1, len(right))],
                right + self.random.randbytes(self.random.randrange(1, 36)),
                bytes([code, size ^ self.random.randrange(1, 256)]) + right[2:],
            )
        )
        reply = self._ask(self.random.randrange(1, 10), *message)
        assert set(reply) == {0xFF}
        return message, {DATA}

    def mistake_bad_page(self) -> Outcome:
        self._put_right(bytes([code_of("PAGE"), self.random.randrange(1, 255)]))
        return "PAGE", {DATA}

    def mistake_bad_write_protect(self) -> Outcome:
        value = self.random.choice([v for v in range(256) if v not in (0, 0x20, 0x40, 0x80)])
        self._put_right(bytes([code_of("WRITE_PROTECT"), value]))
        return value, {DATA}

    def mistake_bad_operation(self) -> Outcome:
        value = self.random.choice([v for v in range(256) if v not in (0, 0x40, 0x80)])
        self._put_right(bytes([code_of("OPERATION"), value]))
        return value, {DATA}

    def mistake_limit_out_of_bounds(self) -> Outcome:
        word = self.random.choice((0x7BFF, 0x7C00, 0x0400, 0x83FF, 0x5BFF))
        names = ["IOUT_OC_FAULT_LIMIT", "VIN_OV_WARN_LIMIT", "OT_FAULT_LIMIT", "POUT_OP_WARN_LIMIT"]
        name = self.random.choice(names)
        self._put_right(bytes([code_of(name), word & 0xFF, word >> 8]))
        return (name, word), {DATA}

    def mistake_locked(self) -> Outcome:
        """Right in itself, but WRITE_PROTECT does not let it through."""
        level = self.random.choice((0x20, 0x40, 0x80))
        protect = code_of("WRITE_PROTECT")
        self._put_right(bytes([protect, level]))
        codes = [code for code in _WRITABLE if PROTECTION[_ROWS[code][6]][0] < level]
        message = self._message(self.random.choice(codes))
        self._put_right(message)
        self._put_right(bytes([protect, 0]))
        return (level, message), {DATA}

    # --- helpers ------------------------------------------------------------------------------

    def _message(self, code: int) -> bytes:
        """A write of this code with the right size, and data that no guard looks at."""
        _, _, transaction, _, _, size, _ = _ROWS[code]
        if transaction == "block":
            return bytes([code, size]) + self.random.randbytes(size)
        return bytes([code]) + self.random.randbytes(_SIZES[transaction])

    def _put_right(self, message: bytes) -> None:
        self.wire.put(*message, crc8(bytes([self.wire.address << 1]) + message))

    def _noise(self, most: int) -> bytes:
        return self.random.randbytes(self.random.randrange(most + 1))
