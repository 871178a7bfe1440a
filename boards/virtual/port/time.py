"""`time` on the plant's clock.

The task queue of asyncio is in C and stamps what is to run at once with the real clock of the
Unix port. So the ticks here are ahead of any real clock, and such a task is due; and they
wrap where the Unix port's do, not at the rp2 port's 30 bits.
"""

from link import link

_PERIOD = 1 << 62
_HALF = _PERIOD >> 1
_AHEAD_MS = 1 << 50  # the Unix epoch in ms is below 2^41
_EPOCH_2021 = 1_609_459_200  # what the RTC of an RP2040 starts with


def ticks_us() -> int:
    return link.now_us()


def ticks_ms() -> int:
    return _AHEAD_MS + link.now_us() // 1000


def ticks_cpu() -> int:
    return link.now_us()


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
