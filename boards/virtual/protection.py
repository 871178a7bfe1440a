"""The PIO protection of the virtual board: the plant plays the state machine.

On the RP2040 a PIO program owns LATCH_CLR: it raises the line when a fault pin falls, within
a few cycles and without the CPU.
"""

from link import link


def resume() -> None:
    """At the start: watch again, as a reset of the chip has ended that."""
    arm()


def arm() -> None:
    """Let go of LATCH_CLR and watch EF_FLT_N and LOC_ALERT_N from now on."""
    link.call("protect", True)


def clear() -> None:
    """Raise LATCH_CLR: the rail goes off. It stays high until armed again."""
    link.call("protection_clear")


def tripped() -> bool:
    """Whether a fault pin, not the firmware, raised LATCH_CLR since the last arm()."""
    return link.call("protection_tripped") not in ("", "firmware")
