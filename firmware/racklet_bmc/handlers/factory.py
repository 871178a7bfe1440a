"""Factory reset over the bus: meant for this boot, said with its magic bytes, done once."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks
from racklet_wire.commands import code_of

_CODE = code_of("FACTORY_RESET")


class FactoryReset(Family):
    writes = (_CODE,)

    def __init__(self, factory: object, generation: int) -> None:
        self._factory = factory
        self._generation = generation

    def write(self, code: int, data: bytes) -> None:
        fields = blocks.unpack("FACTORY_RESET", data)
        if fields["magic"] != blocks.FACTORY_RESET_MAGIC:
            raise ValueError("not meant as a factory reset")
        if fields["generation"] != self._generation:
            raise ValueError("meant for an earlier boot")
        if not fields["transaction_id"]:
            raise ValueError("no transaction id")
        self._factory.request(fields["transaction_id"])
