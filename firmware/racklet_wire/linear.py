"""LINEAR11 and LINEAR16, the number formats of PMBus, in integers.

A value is an integer in thousandths of its unit (mV, mA, mW, thousandths of a degree, us for
a time in ms). The words are exact binary fractions, so decoding rounds to the nearest
thousandth; the kernel rounds down and may show one less.

LINEAR11: bits 15:11 are the exponent N, bits 10:0 the mantissa Y, both signed; X = Y * 2^N.
LINEAR16: all 16 bits are the unsigned mantissa, and N stands in VOUT_MODE (PMBus Part II,
section 7 and 8.3).
"""

# Exponent of every LINEAR16 word of this product: steps of 0.244 mV up to 15.9998 V.
VOUT_EXPONENT = -12
VOUT_MODE = VOUT_EXPONENT & 0x1F  # absolute limits, ULINEAR16: 0x14


_MOST = 1_023_500  # thousandths: what is larger needs more than LINEAR11's mantissa


def _divide(numerator: int, denominator: int) -> int:
    """The quotient to the nearest integer, halves upwards."""
    return (2 * numerator + denominator) // (2 * denominator)


def _scale(mantissa: int, exponent: int) -> int:
    """mantissa * 2^exponent in thousandths."""
    if exponent >= 0:
        return (mantissa << exponent) * 1000
    return _divide(mantissa * 1000, 1 << -exponent)


def _mantissa(milli: int, exponent: int) -> int:
    if exponent >= 0:
        return _divide(milli, 1000 << exponent)
    return _divide(milli << -exponent, 1000)


def linear11_encode(milli: int) -> int:
    """The word nearest to `milli`, with the smallest exponent that holds it; 0 for zero.

    ValueError beyond -33,521,664 .. 33,521,664 whole units.
    """
    if milli == 0:
        return 0
    size, least = abs(milli), -16
    while least < 0 and size > _MOST >> -least:  # too small for sure, and cheap to see
        least += 1
    for exponent in range(least, 16):
        mantissa = _mantissa(milli, exponent)
        if -1023 <= mantissa <= 1023:
            return (exponent & 0x1F) << 11 | mantissa & 0x7FF
    raise ValueError("beyond LINEAR11")


def linear11_decode(word: int) -> int:
    """What the word says, in thousandths. Every word means something; 0xFFFF is -500."""
    exponent = (word >> 11 & 0x1F ^ 0x10) - 0x10
    mantissa = (word & 0x7FF ^ 0x400) - 0x400
    return _scale(mantissa, exponent)


def linear16_encode(mv: int, exponent: int = VOUT_EXPONENT) -> int:
    """The word nearest to `mv`. ValueError when negative or beyond the exponent's range."""
    mantissa = _mantissa(mv, exponent)
    if not 0 <= mantissa <= 0xFFFF:
        raise ValueError("beyond LINEAR16")
    return mantissa


def linear16_decode(word: int, exponent: int = VOUT_EXPONENT) -> int:
    """What the word says, in millivolts."""
    return _scale(word, exponent)
