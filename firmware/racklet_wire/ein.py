"""READ_EIN and READ_EOUT: sums of power samples, in PMBus' own way.

Data: accumulator u15, roll-over count u8, sample count u24, little-endian. A sample is 0.1 s
and adds its mean power, in watts, to the accumulator (DIRECT format with m = 1, b = 0, R = 0,
which COEFFICIENTS tells); so a step is 0.1 J. The accumulator wraps at 32,768 and the
roll-over count at 256: differences are taken modulo 2^23, of samples modulo 2^24. Mean power
is the difference of the sums over the difference of the samples.

The modulus is where parts differ (32,767, 32,768 and 65,536 are found); this is ours.
"""

import struct

MODULUS = 32_768
STEP_MW = 1_000
SAMPLE_MS = 100
COEFFICIENTS = b"\x01\x00\x00\x00\x00"  # m, b (little-endian words), R


def pack(accumulator: int, rollover: int, samples: int) -> bytes:
    """The six data bytes. ValueError when a count is beyond its field."""
    if accumulator >> 15 or rollover >> 8 or samples >> 24:
        raise ValueError("beyond EIN")
    return struct.pack("<HBI", accumulator, rollover, samples)[:6]


def unpack(data: "bytes | bytearray | memoryview") -> "tuple[int, int]":
    """(sum in steps, samples). ValueError when not six bytes."""
    if len(data) != 6:
        raise ValueError(f"EIN has 6 data bytes, not {len(data)}")
    accumulator, rollover, samples = struct.unpack("<HBI", bytes(data) + b"\x00")
    return rollover * MODULUS + accumulator, samples


def mean_mw(before: "tuple[int, int]", after: "tuple[int, int]") -> "int | None":
    """Mean power between two reads of `unpack`, None when no sample lies between them."""
    samples = after[1] - before[1] & 0xFFFFFF
    if not samples:
        return None
    return (after[0] - before[0] & 0x7FFFFF) * STEP_MW // samples
