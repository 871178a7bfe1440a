"""The report of the power-on self-test."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks
from racklet_wire.commands import code_of

_CODE = code_of("SELF_TEST")


class Post(Family):
    """`report` has `done`, `failed` (bits of blocks.SELF_TESTS), `taken_ms` and `detail`."""

    reads = (_CODE,)

    def __init__(self, registers: object, report: object, generation: int) -> None:
        self._registers = registers
        self._report = report
        self._generation = generation
        self._shown = None

    def refresh(self) -> None:
        report = self._report
        shown = (report.done, report.failed, report.taken_ms, report.detail)
        if shown == self._shown:
            return
        self._shown = shown
        block = blocks.pack(
            "SELF_TEST",
            done=report.done,
            failed=report.failed,
            generation=self._generation,
            taken_ms=report.taken_ms,
            detail=report.detail,
        )
        self._registers.publish(_CODE, block)
