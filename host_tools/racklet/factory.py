"""Factory reset as the client does it: said once, and believed when the BMC's log tells of it."""

import secrets

from racklet_wire import blocks, events

from racklet.bus import Clock, Target
from racklet.bus.smbus import ERASING, LOCKED
from racklet.errors import Refused
from racklet.eventlog import LogReader

_LIMIT_S = 3.0  # the BMC erases a sector: 45 ms, 400 at worst
_PAUSE_S = 0.05
_TOLD = events.KIND_TEXT[events.FACTORY_RESET]


def factory_reset(target: Target, clock: Clock) -> None:
    """Set the settings of one BMC back to their defaults. Raises `Refused` when it did not."""
    log = LogReader(target, clock)
    last = log.last()
    generation = target.block("IDENTIFY")["generation"]
    transaction = 1 + secrets.randbelow(0xFFFF_FFFF)
    target.write_fields(
        "FACTORY_RESET",
        ERASING,
        magic=blocks.FACTORY_RESET_MAGIC,
        transaction_id=transaction,
        generation=generation,
    )
    give_up = clock.monotonic() + _LIMIT_S
    while clock.monotonic() < give_up:
        clock.sleep(_PAUSE_S)
        for record in log.read(last):
            last = record.sequence
            if record.kind == _TOLD and record.fields.get("transaction") == transaction:
                return
    raise Refused(
        f"the BMC at 0x{target.address:02X} did not reset its settings",
        hint=LOCKED if target.is_locked() else "see racklet log",
    )
