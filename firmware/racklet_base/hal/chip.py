"""The chip itself: identity, reset and its cause, the watchdog, the words that survive it."""

import machine

from racklet_base.compiled import const

_SCRATCH0 = 0x4005800C  # WATCHDOG_SCRATCH0; RP2040 data sheet 4.7.6. Word 4 belongs to the SDK.
_REASON = 0x40058008  # bit 0: the timer ran out, bit 1: forced, as machine.reset() does

POWER_ON, FORCED, WATCHDOG = 0, 1, 2  # reset causes

LONGEST_WATCHDOG_MS = 8_388
_WITNESS_MS = const(250)  # so long before a bite it is noted where the processor stands


def unique_id() -> bytes:
    """The 8 bytes of the flash chip's serial number."""
    return machine.unique_id()


def reset() -> None:
    machine.reset()


def reset_cause() -> int:
    """POWER_ON (also the RUN pin), FORCED (asked for by software) or WATCHDOG (it bit)."""
    if machine.reset_cause() == machine.PWRON_RESET:
        return POWER_ON
    return WATCHDOG if machine.mem32[_REASON] & 1 else FORCED


class Scratch:
    """Words that survive a reset but not a power cut; indices 0-3 and 5-7."""

    def __getitem__(self, index: int) -> int:
        return machine.mem32[_SCRATCH0 + 4 * index]

    def __setitem__(self, index: int, value: int) -> None:
        machine.mem32[_SCRATCH0 + 4 * index] = value


class Watchdog:
    """Started on the first feed; from then on it must be fed within `timeout_ms`.

    A quarter of a second before it bites, the program counter is written to scratch word 5.
    """

    def __init__(self, timeout_ms: int = LONGEST_WATCHDOG_MS) -> None:
        self._timeout_ms = timeout_ms
        self._wdt = None

    def feed(self) -> None:
        from interrupted import note_pc  # noqa: PLC0415 - not needed before the first answer

        if self._wdt is None:
            self._wdt = machine.WDT(timeout=self._timeout_ms)
            self._witness = machine.Timer()
        self._wdt.feed()
        self._witness.init(
            mode=machine.Timer.ONE_SHOT,
            period=self._timeout_ms - _WITNESS_MS,
            callback=note_pc,
            hard=True,
        )
