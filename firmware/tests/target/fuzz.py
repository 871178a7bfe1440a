"""Malformed transactions without end, against the whole of a BMC's registers.

    python -m tests.target.fuzz [TRANSACTIONS [SEED]]

No mistake may raise, hang the engine, be accepted, or change anything but the status.
"""

import sys
import time

from racklet_bench.mistakes import COMMAND, DATA, OTHER, PEC, Mistakes, Outcome
from racklet_wire.commands import COMMANDS, code_of
from tests.handlers.bmc import Bmc

_SIZES = {row[0]: row[5] for row in COMMANDS}
_WATCHED = [
    code_of(name)
    for name in ["PAGE", "OPERATION", "WRITE_PROTECT", "IOUT_OC_WARN_LIMIT", "READ_VIN", "IDENTIFY"]
]


class Fuzzer(Mistakes):
    """`step()` makes one mistake and checks what it did. Adds those that only a mover makes."""

    def __init__(self, seed: int) -> None:
        self.bmc = Bmc()
        self.count = 0
        super().__init__(self.bmc, seed)
        self._before = self._state()
        self.cml()

    def step(self) -> None:
        about, expected = self.make()
        self.count += 1
        assert not self.bmc.engine.is_open, (about, "a transaction is still open")
        cml = self.cml()
        assert cml in expected, (about, f"STATUS_CML {cml:02X}")
        assert self.bmc.registers.mailbox.take() is None, (about, "something was accepted")
        if self.count % 16 == 0:
            self.bmc.dispatcher.step()
            assert self._state() == self._before, (about, "state changed")
            self.cml()

    def mistake_stall(self) -> Outcome:
        engine = self.bmc.engine
        engine.on_write()
        noise = self._noise(40)
        if noise:
            engine.on_bytes(noise, len(noise))
        if self.random.random() < 0.5:
            engine.on_end_write(True)
            engine.on_read()
            for _ in range(self.random.randrange(4)):
                self.bmc.take()
        waited = 0
        while not engine.is_stuck(is_held=True):
            waited += 5
            self.bmc.now_ms += 5
            assert waited < 35, "the stall was not noticed in time"
        engine.abort()
        return noise, {OTHER, OTHER | COMMAND, OTHER | DATA, OTHER | PEC}

    def mistake_events_out_of_place(self) -> Outcome:
        """No transaction is open: a mover that lost its place."""
        engine = self.bmc.engine
        noise = self._noise(16) or b"\x03"
        for event in self.random.sample(range(4), 3):
            if event == 0:
                engine.on_bytes(noise, len(noise))
            elif event == 1:
                engine.on_end_write(self.random.random() < 0.5)
            elif event == 2:
                engine.on_end_read()
            else:
                assert self.bmc.take() == b"\xff"
        return noise, {0}

    def _state(self) -> list[object]:
        """What no malformed transaction may change."""
        bench = self.bmc.bench
        registers = [self.bmc.ask(34, code)[: _SIZES[code]] for code in _WATCHED]
        settings = [bench.settings.get(name) for name in bench.settings.names()]
        mask = bytes(self.bmc.registers.status.mask)
        return [registers, settings, mask, bench.power.state, bench.log.last]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() & 0xFFFFFFFF
    print(f"{count:,} malformed transactions, seed {seed}", flush=True)
    fuzzer = Fuzzer(seed)
    for _ in range(count):
        fuzzer.step()
    print(f"{fuzzer.count:,} transactions: 0 hangs, 0 exceptions, 0 changes of state")


if __name__ == "__main__":
    main()
