"""Crash records: an uncaught exception becomes records of the event log.

The traceback is cut into pieces that fit a record. The end of a long one, where the error is,
comes first and is always kept.
"""

import io
import sys

from racklet_wire import events

PIECE = 110  # bytes of text in one record
PIECES = 6


def record_crash(log: object, error: BaseException, service: str) -> None:
    """Write the traceback of an exception that nobody caught. One page program a record."""
    text = traceback_text(error)
    pieces = [text[max(end - PIECE, 0) : end] for end in range(len(text), 0, -PIECE)][:PIECES]
    for number, piece in enumerate(pieces):
        log.append(
            events.CRASH, last_gasp=True, service=service, piece=number, of=len(pieces), text=piece
        )


def record_boot(log: object, cause: str) -> None:
    """The first record of a boot. `cause`: "power on", "reset" or "watchdog"."""
    log.append(events.BOOT, cause=cause)


def record_bite(log: object, supervisor: object, names: "tuple[str, ...]") -> None:
    """After a bite of the watchdog, once the services are there (`names`, in the order in which
    they are served): whom it is blamed on, the uptime, in the boot before this one, at which all
    was well for the last time, and where the processor stood before it."""
    culprit = supervisor.culprit(names)
    log.append(events.WATCHDOG, service=culprit, fed_ms=supervisor.fed_ms, pc=supervisor.pc)


def traceback_text(error: BaseException) -> str:
    """The traceback as the interpreter prints it."""
    if hasattr(sys, "print_exception"):  # MicroPython
        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
    import traceback  # noqa: PLC0415  (CPython only)

    return "".join(traceback.format_exception(error))
