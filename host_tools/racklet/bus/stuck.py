"""A bus on which a line stayed low: whether it is free again, and who held it.

A unit cannot hold the bus for long. A BMC lets go when the clock was low for 25 to 35 ms, as
SMBus asks of every target; and between each unit and the backplane sits a hot-swap buffer
(TCA4307) that cuts its unit off when that side stays low for 40 ms, then pulses the unit's clock,
and joins again when the lines are high. So a unit that held the bus no longer answers while the
others do, and what holds the bus for longer is not behind a buffer.
"""

from collections.abc import Sequence

from racklet_wire.address import address_of
from racklet_wire.commands import code_of

from racklet.bus.base import Bus, Clock, Read, Write
from racklet.errors import BusError, BusTimeout

RELEASE_S = 0.05
_SLOTS = range(1, 15)

CUT_OFF = (
    "this unit held the bus low and was cut off by its buffer: pull it, and insert it again to "
    "see whether it was an accident"
)
_STILL_HELD = (
    "SDA or SCL is still low, which no unit can do that its buffer cuts off: look at the RMC, its "
    "cable and the backplane, then pull the units one after the other; the bus is free again "
    "when the culprit is out"
)


def look(bus: Bus, clock: Clock) -> str:
    """Give units and buffers the time to let go, then ask every slot; a hint in words."""
    clock.sleep(RELEASE_S)
    try:
        answering = [slot for slot in _SLOTS if _answers(bus, slot)]
    except BusTimeout:
        return _STILL_HELD
    return (
        f"the bus is free again and {_named(answering)}; a unit that is inserted and not among "
        "them held it low and was cut off by its buffer: pull that one"
    )


def _answers(bus: Bus, slot: int) -> bool:
    address = address_of(slot)
    try:
        bus.transfer([Write(address, bytes([code_of("CAPABILITY")])), Read(address, 2)])
    except BusTimeout:
        raise
    except BusError:
        return False
    return True


def _named(slots: Sequence[int]) -> str:
    if not slots:
        return "no slot answers"
    verb = "slots" if len(slots) > 1 else "slot"
    return f"{verb} {', '.join(map(str, slots))} {'answer' if len(slots) > 1 else 'answers'}"
