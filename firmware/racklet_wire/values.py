"""The numbers of the standard commands, both ways: value <-> data bytes.

A value is an integer: thousandths of the unit for "linear11" (mA, mW, thousandths of a degree,
us for times) and millivolts for "linear16"; the plain number for "unsigned" and "bits".
"""

from racklet_wire import linear
from racklet_wire.commands import lookup


def encode(code: int, value: int) -> bytes:
    """The data bytes of a byte or word command. ValueError when it has none or out of range."""
    _, name, transaction, _, kind, size, _ = _numeric(code)
    if kind == "linear11":
        value = linear.linear11_encode(value)
    elif kind == "linear16":
        value = linear.linear16_encode(value)
    if not 0 <= value < 1 << 8 * size:
        raise ValueError(f"{value} does not fit {name}")
    return value.to_bytes(size, "little")


def decode(code: int, data: "bytes | bytearray | memoryview") -> int:
    """The value in the data bytes of a byte or word command. ValueError when not its size."""
    _, name, transaction, _, kind, size, _ = _numeric(code)
    if len(data) != size:
        raise ValueError(f"{name} has {size} data bytes, not {len(data)}")
    word = int.from_bytes(data, "little")
    if kind == "linear11":
        return linear.linear11_decode(word)
    if kind == "linear16":
        return linear.linear16_decode(word)
    return word


def _numeric(code: int) -> "tuple[int, str, str, str, str, int, str]":
    row = lookup(code)
    if row is None or row[2] not in ("byte", "word"):
        raise ValueError(f"0x{code:02X} has no numeric value")
    return row
