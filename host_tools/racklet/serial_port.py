"""The serial port of one real board, as its REPL sees it."""

import time

import serial

from racklet.errors import Busy, Unreachable

_BAUD = 115_200  # of no meaning on USB
_ANSWER_S = 0.05
_KEYS = ("\x02", "\x03", "\x04")


class SerialRepl:
    """Lines of Python to a board and back. Raises `Unreachable`, or `Busy` when another program
    has the port."""

    def __init__(self, port: str) -> None:
        self._name = port
        try:
            self._port = serial.Serial(port, _BAUD, timeout=0, exclusive=True)
        except (serial.SerialException, ValueError) as error:
            if "lock" in str(error).lower():
                raise Busy(
                    f"{port} is in use by another program",
                    hint="close it: a terminal, mpremote, another racklet repl",
                ) from None
            raise Unreachable(
                f"{port} cannot be opened", hint="is the board plugged in? ls /dev/ttyACM*"
            ) from None

    def exchange(self, typed: str) -> str:
        """Send a line (or Ctrl-B, C or D, which is none); what the board has printed since."""
        try:
            if typed:
                self._port.write((typed if typed in _KEYS else typed + "\r").encode())
                time.sleep(_ANSWER_S)
            printed = self._port.read(self._port.in_waiting or 1)
        except OSError:  # serial.SerialException is one
            raise Unreachable(
                f"{self._name} is gone", hint="the board was unplugged, or it was reset"
            ) from None
        return str(printed.decode(errors="replace")).replace("\r\n", "\n")

    def close(self) -> None:
        self._port.close()
