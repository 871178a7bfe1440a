"""Malformed transactions against the whole firmware, through the bench's own byte mover.

RACKLET_FUZZ=COUNT makes it a campaign (`make soak`), RACKLET_SEED another one.
"""

import os
from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Bus, Message, Read, Target, Write
from racklet_bench.bench import HANDS, Bench
from racklet_bench.mistakes import Mistakes
from racklet_wire import blocks
from racklet_wire.commands import COMMANDS

SLOT = 1
COUNT = int(os.environ.get("RACKLET_FUZZ", "1000"))
SEED = int(os.environ.get("RACKLET_SEED", "7"))

LIMITS = [row[1] for row in COMMANDS if row[6] == "limit" and row[2] in ("byte", "word")]


class BusWire:
    """Messages to one address of the bench's bus; those without a STOP wait for the next."""

    def __init__(self, bus: Bus, address: int) -> None:
        self.address = address
        self._bus = bus
        self._open: list[Message] = []

    def put(self, *data: int, stop: bool = True) -> None:
        self._open.append(Write(self.address, bytes(data)))
        if stop:
            self._run()

    def get(self, size: int) -> bytes:
        self._open.append(Read(self.address, size))
        return self._run()[-1]

    def _run(self) -> list[bytes]:
        messages, self._open = self._open, []
        return self._bus.transfer(messages)


def state(target: Target) -> dict[str, object]:
    """What no malformed transaction may change."""
    power = target.block("POWER_STATE")
    return {
        "power": [power[name] for name in ("state", "fault", "transaction_id", "generation")],
        "log": target.block("LOG_STATUS")["last"],
        "registers": [target.read(name) for name in ("PAGE", "OPERATION", "WRITE_PROTECT")],
        "limits": [target.read(name) for name in LIMITS],
        "masks": [target.process(0x1B, bytes([code])) for code in range(0x7A, 0x81)],
        "image": target.block("IMAGE_STATUS"),
        "settings": target.block("SETTING")["number"],
    }


@pytest.mark.needs(HANDS)
def test_malformed_transactions_change_nothing(bench: Bench, insert: Callable[..., Bmc]) -> None:
    insert(SLOT)
    wire = BusWire(bench.bus, 0x10 + SLOT)
    target = Target(bench.bus, wire.address, bench.clock)
    mistakes = Mistakes(wire, SEED)
    mistakes.cml()
    bench.clock.sleep(0.5)  # a new state is logged a moment after it is shown
    before = state(target)
    for _ in range(COUNT):
        about, expected = mistakes.make()
        found = mistakes.cml()
        assert found in expected, (about, f"STATUS_CML {found:02X}")
    assert state(target) == before
    assert blocks.size("IDENTIFY") == len(target.read_block(0xD0, 32))
