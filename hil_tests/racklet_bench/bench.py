"""What every test bench offers, whether its boards are simulated, emulated or real.

A test asks for what it needs and never for a kind of bench; a bench that cannot do it says so
in `abilities`, and the test is skipped there with that reason.
"""

from typing import Protocol

from racklet.bus import Bus, Clock
from racklet.keys import SigningKey

# Abilities of a bench, as tests name them with @pytest.mark.needs("...").
HANDS = "hands"  # insert and remove units
FAULTS = "faults"  # short circuits, brown-outs, loads
RESET = "reset"  # reset a BMC without its knowing
TRACE = "trace"  # record a net of the circuit
STEPPED = "stepped"  # time passes only when the test says so
SLOTS = "slots"  # new units with given images in their slots
SIGNING_KEY = "signing key"  # the boards trust a key that the bench has, and images from 1 on


# Simulated compute units boot and halt so much faster than a Raspberry Pi, which takes 20 s.
SPEED_UP = 10.0


class Bench(Protocol):
    """One rack under test."""

    abilities: frozenset[str]
    bus: Bus
    clock: Clock  # plant time on a simulated bench, wall time on a real one
    slots: tuple[int, ...]
    board: str  # whose images the BMCs take
    signing_key: SigningKey  # that the boards trust, on a bench that has one

    def insert(self, slot: int) -> None:
        """Push a unit in; returns when its contacts have begun to mate."""

    def ship(self, *images: bytes) -> None:
        """Units that are new from now on trust `signing_key`, have these envelopes in slots A
        and B, and run nothing that they have not verified."""

    def remove(self, slot: int) -> None:
        """Pull the unit out."""

    def control(self, name: str, /, **arguments: object) -> object:
        """One of the named controls of the simulated world (`racklet sim`)."""

    def reset_bmc(self, slot: int) -> None:
        """Reset the BMC by its RUN pin."""

    def trace(self, slot: int, net: str) -> list[tuple[int, int]]:
        """Changes of a net from now on, the level now first: (ns, level or mV). It grows."""

    def close(self) -> None:
        """End the bench and everything it started."""
