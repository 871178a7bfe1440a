"""From reset to the application: on the bus, then the image that may run.

An application that can be imported before anything was verified is a developer's: it came from
files, runs as it is, and IDENTIFY says so. In a released UF2 there is none, because `boot.py`
leaves frozen code alone on `sys.path` and no application is frozen. There every start verifies
an image, mounts it where it lies and puts it behind the frozen code. What comes from it runs
under the watchdog: an image on trial that fails three starts is reverted, a confirmed one that
cannot be started three times in a row gives way to the recovery service.
"""

import sys
from time import sleep_ms

from racklet_wire import boot

from .base import Base

_TO_READ_MS = 50  # until a traceback has left by USB
_PATH = "/app"  # where the image is mounted

base = None
_serve = None  # run(base) of the application, or of the recovery service


def run() -> None:
    """Start, or go on where Ctrl-C stopped; returns only by an exception."""
    global base, _serve  # noqa: PLW0603 - one board, one start
    if base is None:
        base = Base()
    try:
        if _serve is None:
            _open_slots()
            _serve = _developers() or _verified() or _recovery()
        _serve(base)
    except KeyboardInterrupt:
        base.starts.forget()  # that start has not failed
        base.mover.reset()  # Ctrl-C may have come while it left the bus or came back
        raise
    except Exception as error:
        if base.start.mode == boot.DEVELOPER:
            raise
        from .services.crash import record_crash  # noqa: PLC0415

        record_crash(base.log, error, "start")
        sys.print_exception(error)
        sleep_ms(_TO_READ_MS)
        _reset()


def _reset() -> None:
    from .hal import chip  # noqa: PLC0415

    chip.reset()


# Below, modules are imported where they are used: the first answer does not wait for them.


def _open_slots() -> None:
    import board  # noqa: PLC0415

    from .services.board_crypto import BoardCrypto, class_id  # noqa: PLC0415
    from .services.boot_state import BootState  # noqa: PLC0415
    from .services.keys import KeyStore  # noqa: PLC0415
    from .services.payloads import Payloads  # noqa: PLC0415
    from .services.slots import slots  # noqa: PLC0415
    from .services.verify import Verifier  # noqa: PLC0415

    base.start.state = state = BootState(base.region("boot_state"))
    base.keys = KeyStore(base.region("keys"))
    payloads = Payloads(base.region("payloads"))
    base.verifier = Verifier(base.keys, state, payloads, BoardCrypto(), class_id(board.NAME))
    base.slots = slots(base.region("romfs"))


def _open_images() -> None:
    from .services.images import Images  # noqa: PLC0415

    start = base.start
    base.images = Images(base.clock, base.slots, base.verifier, start.image, _reset, log=base.log)


def _developers() -> "callable | None":
    """The application that lies open on the path, if one does."""
    try:
        import racklet_bmc  # noqa: F401, PLC0415 - only whether it is there
    except ImportError:
        return None
    base.start.mode = boot.DEVELOPER
    return _application()


def _verified() -> "callable | None":
    """The application of the image that may run, if there is one and it can be started."""
    from racklet_wire import events, image  # noqa: PLC0415

    from .hal import flash  # noqa: PLC0415
    from .services import boot as judge  # noqa: PLC0415
    from .services.start import NONE  # noqa: PLC0415
    from .services.transient import forget  # noqa: PLC0415

    start, state = base.start, base.start.state
    trial = state.trial
    chosen = judge.choose(base.slots, base.verifier, start)
    forget(judge.__name__)
    if trial != NONE and state.trial == NONE:
        base.log.append(events.IMAGE_REVERTED, slot=trial, reason=image.REASON_TEXT[state.reason])
    for slot, reason in enumerate(start.refused):
        if reason not in (image.R_NONE, image.R_INCOMPLETE):
            base.log.append(events.IMAGE_REFUSED, slot=slot, reason=image.REASON_TEXT[reason])
    if chosen is None:
        return None
    if not (start.is_trial or base.starts.begin()):
        start.refuse(image.R_CRASHED)
        return None
    start.verified_ms = base.clock.ms()
    base.watchdog.feed()
    flash.mount_image(base.slots[start.running].payload_at, start.size, _PATH)
    start.mode = boot.APPLICATION
    return _application()


def _application() -> "callable":
    _open_images()
    from racklet_bmc import app  # noqa: PLC0415 - not before it was verified

    return app.run


def _recovery() -> "callable":
    base.start.mode = boot.RECOVERY
    _open_images()
    from . import recovery  # noqa: PLC0415 - rarely needed

    return recovery.run
