"""Energy: the 64-bit block, and READ_EIN and READ_EOUT, all of one moment."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks, ein
from racklet_wire.commands import code_of

_EIN, _EOUT, _BLOCK = code_of("READ_EIN"), code_of("READ_EOUT"), code_of("ENERGY")


class Energy(Family):
    reads = (_EIN, _EOUT, _BLOCK)

    def __init__(self, registers: object, energy: object, generation: int) -> None:
        self._registers = registers
        self._energy = energy
        self._generation = generation
        self._shown = None

    def refresh(self) -> None:
        snapshot = self._energy.snapshot()
        if snapshot == self._shown:
            return
        self._shown = snapshot
        epoch, in_uj, out_uj, taken_ms = snapshot
        block = blocks.pack(
            "ENERGY",
            in_uj=in_uj,
            out_uj=out_uj,
            epoch=epoch,
            generation=self._generation,
            taken_ms=taken_ms,
        )
        self._registers.publish(_BLOCK, block)
        self._registers.publish(_EIN, ein.pack(*self._energy.ein()))
        self._registers.publish(_EOUT, ein.pack(*self._energy.eout()))
