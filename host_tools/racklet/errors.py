"""The one exception tree of the host tools, and what each branch means to a shell.

Every error that a person can meet is a `RackletError`: one clear line, a hint that says what
to do next, a stable `code` for `--json`, and the exit code of the command that met it.
Rooms add leaves here, never a tree of their own, so that `except RackletError` is complete.
"""

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """What a `racklet` command tells the shell."""

    DONE = 0
    NO = 1  # the answer is no: refused, failed verification, unhealthy, differs from plan
    USAGE = 2
    UNREACHABLE = 3  # no rack, no such slot, absent, bus error
    BUSY = 4  # busy or already running
    INTERRUPTED = 130  # 128 + SIGINT


class RackletError(Exception):
    """Root of the tree. `code` and `exit_code` are class defaults that one error may override."""

    code = "error"
    exit_code = ExitCode.NO

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        exit_code: ExitCode | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.told: dict[str, Any] = {}  # what --json tells besides, of what went well before
        if code is not None:
            self.code = code
        if exit_code is not None:
            self.exit_code = exit_code

    def document(self) -> dict[str, Any]:
        """The error as `--json` prints it."""
        error = {"code": self.code, "message": self.message, "hint": self.hint}
        return self.told | {"error": error}


# --- 1: the answer is no -------------------------------------------------------


class Refused(RackletError):
    """The other side understood and said no; the message ends with its reason."""

    code = "refused"


class VerificationFailed(Refused):
    """A signature, digest or manifest does not hold; `code` may name the exact reason."""

    code = "verification_failed"


# --- 2: wrong usage --------------------------------------------------------------


class UsageError(RackletError):
    """What was asked makes no sense, whatever the rack would say."""

    code = "usage"
    exit_code = ExitCode.USAGE


class FileProblem(UsageError):
    """A file that was named cannot be read, written or understood."""

    code = "file"


class MissingPart(UsageError):
    """Something this command needs is not installed on this machine."""

    code = "missing_part"


# --- 3: not reachable ------------------------------------------------------------


class Unreachable(RackletError):
    """What was asked for cannot be reached now."""

    code = "unreachable"
    exit_code = ExitCode.UNREACHABLE


class NoSuchSlot(Unreachable):
    """The rack has no slot of that number."""

    code = "no_such_slot"


class Absent(Unreachable):
    """Nothing answers in that slot: it is empty, or its unit was removed meanwhile."""

    code = "absent"


class BusError(Unreachable):
    """A transaction on the management bus failed."""

    code = "bus_error"


class NotReachable(BusError):
    """There is no bus at that place: no rack behind the socket, no such device."""

    code = "no_rack"


class Nack(BusError):
    """Nobody acknowledged. `msg` is the index of the message within its transaction."""

    code = "nack"

    def __init__(self, msg: int = 0, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or f"no acknowledge for message {msg}", hint=hint)
        self.msg = msg


class BusTimeout(BusError):
    """The bus was held longer than SMBus allows, or nobody answered in time."""

    code = "timeout"


class Arbitration(BusError):
    """Another controller won the bus."""

    code = "arbitration"


class BadRequest(BusError):
    """The bus itself refused the form of a request; this is a mistake of the caller."""

    code = "bad_request"


class BadReply(BusError):
    """A reply came, but its PEC, length or content is not what the protocol says."""

    code = "bad_reply"


class Recovering(BadReply):
    """A BMC without an image that may run does not do this: its recovery service answers."""

    code = "recovery"

    def __init__(self, slot: int) -> None:
        super().__init__(
            f"slot {slot} runs its recovery service, which cannot do this; its rail is held",
            hint=f"racklet identify {slot} says why, racklet update {slot} FILE sends an image",
        )


class StandsStill(Unreachable):
    """The chip answers the bus, but nothing behind it does its rounds."""

    code = "stands_still"


def standing_still(slot: int) -> StandsStill:
    """The firmware of a BMC is stopped: at its REPL, or after a crash until the watchdog bites."""
    return StandsStill(
        f"the firmware of the BMC in slot {slot} stands still; its rail is held all the same",
        hint="after a crash its watchdog restarts it within 9 s; racklet log then says why",
    )


class ProtocolMismatch(Unreachable):
    """Host and BMC have no protocol version in common."""

    code = "protocol"


# --- 4: busy -----------------------------------------------------------------------


class Busy(RackletError):
    """Someone else is doing this, or something that excludes it."""

    code = "busy"
    exit_code = ExitCode.BUSY


class AlreadyRunning(Busy):
    """A live rack answers at that socket already."""

    code = "already_running"


# --- 130: someone pressed Ctrl-C ------------------------------------------------------


class Interrupted(RackletError):
    """The person, or the system, wanted it to end."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED
