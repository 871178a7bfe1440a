"""Identity, reset and reset cause of the simulated chip."""

from link import link

PWRON_RESET = 1  # power-on, and the RUN pin
WDT_RESET = 3  # a watchdog bite, and machine.reset(), which uses the watchdog

_hello = link.call("hello")  # {"unique_id": hex, "reset_cause": int, "flash", "scratch": path}


def unique_id() -> bytes:
    return bytes.fromhex(_hello["unique_id"])


def reset_cause() -> int:
    return _hello["reset_cause"]


def flash_path() -> str:
    """The file that holds this unit's flash (not in the real `machine`)."""
    return _hello["flash"]


def scratch_path() -> str:
    """The file that holds its scratch registers (not in the real `machine`)."""
    return _hello["scratch"]


def reset() -> None:
    """Restart the chip; does not return."""
    link.call("reset")
    raise SystemExit


soft_reset = reset  # a process of the Unix port cannot restart its interpreter


def freq() -> int:
    return 125_000_000


def disable_irq() -> int:
    """Interrupts arrive during requests only, so between two requests there are none."""
    return 0


def enable_irq(state: int) -> None:
    pass
