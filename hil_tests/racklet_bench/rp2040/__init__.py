"""The emulated RP2040: the real firmware image, cycle by cycle, with the plant around it."""

from . import engine
from .bench import EmulatedRack, NoFirmware, Rp2040Bench, built_image


def open_bench() -> Rp2040Bench:
    """For `--bench rp2040`."""
    return Rp2040Bench()


__all__ = ["EmulatedRack", "NoFirmware", "Rp2040Bench", "built_image", "engine"]
