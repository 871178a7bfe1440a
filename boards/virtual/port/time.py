"""`time` on the plant's clock, with the tick arithmetic of the rp2 port (30 bits)."""

from link import link

_PERIOD = 1 << 30
_HALF = _PERIOD >> 1
_EPOCH_2021 = 1_609_459_200  # what the RTC of an RP2040 starts with


def ticks_us() -> int:
    return link.now_us() & (_PERIOD - 1)


def ticks_ms() -> int:
    return link.now_us() // 1000 & (_PERIOD - 1)


def ticks_cpu() -> int:
    return link.now_us() & (_PERIOD - 1)


def ticks_add(ticks: int, delta: int) -> int:
    return (ticks + delta) & (_PERIOD - 1)


def ticks_diff(end: int, start: int) -> int:
    return ((end - start + _HALF) & (_PERIOD - 1)) - _HALF


def time_ns() -> int:
    return _EPOCH_2021 * 1_000_000_000 + link.now_us() * 1000


def time() -> int:
    return _EPOCH_2021 + link.now_us() // 1_000_000


def sleep_us(us: int) -> None:
    """Block, interrupts running, until the plant has reached that time."""
    if us > 0:
        link.call("sleep", us)


def sleep_ms(ms: int) -> None:
    sleep_us(ms * 1000)


def sleep(seconds: float) -> None:
    sleep_us(int(seconds * 1_000_000))
