"""The firmware's raw REPL, driven in emulated time."""

from collections.abc import Callable
from typing import Protocol

from .chip import Hung
from .usb import UsbHost

_STEP_NS = 20_000_000
_LONG_NS = 60_000_000_000


class Runs(Protocol):
    """Lets emulated time pass: a chip on its own, or a bench."""

    def wait_for(self, done: Callable[[], bool], limit_ns: int) -> bool: ...


class CodeFailed(Exception):
    """The code raised; the text is its traceback."""


class Repl:
    """`enter`, then `run` code as often as needed; `leave` lets the firmware's prompt back."""

    def __init__(self, time: Runs, usb: UsbHost) -> None:
        self._time = time
        self._usb = usb

    def enter(self) -> "Repl":
        """Interrupt what runs and go to raw mode."""
        if not self._time.wait_for(lambda: self._usb.connected, _LONG_NS):
            raise Hung("the chip does not appear on USB")
        self._usb.write(b"\r\x03\x03")
        self._time.wait_for(lambda: False, _STEP_NS)
        self._usb.received.clear()
        self._usb.write(b"\r\x01")
        self._expect(b"raw REPL; CTRL-B to exit\r\n>", _LONG_NS)
        return self

    def start(self, code: str) -> None:
        """Start the code; returns when the board has taken it."""
        self._usb.write(code.encode() + b"\x04")
        self._expect(b"OK", _LONG_NS)

    def finish(self, limit_ns: int = _LONG_NS) -> str:
        """Wait for what was started to end; what it printed. Raises CodeFailed, Hung."""
        printed = self._expect(b"\x04", limit_ns)[:-1].decode()
        failed = self._expect(b"\x04", limit_ns)[:-1].decode()
        self._expect(b">", limit_ns)
        if failed:
            raise CodeFailed(failed)
        return printed.replace("\r\n", "\n")

    def run(self, code: str, limit_ns: int = _LONG_NS) -> str:
        """Run code to its end; what it printed."""
        self.start(code)
        return self.finish(limit_ns)

    def leave(self) -> None:
        """Back to the friendly prompt; what runs in the background goes on."""
        self._usb.write(b"\r\x02")
        self._time.wait_for(lambda: False, _STEP_NS)

    def _expect(self, mark: bytes, limit_ns: int) -> bytes:
        received = self._usb.received
        if not self._time.wait_for(lambda: mark in received, limit_ns):
            raise Hung(f"no {mark!r} within {limit_ns / 1e9} s; last: {bytes(received[-400:])!r}")
        end = received.index(mark) + len(mark)
        head = bytes(received[:end])
        del received[:end]
        return head
