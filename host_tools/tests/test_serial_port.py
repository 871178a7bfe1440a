"""The REPL behind a serial port, here a pseudo-terminal."""

import os
import tty

import pytest
import serial
from racklet.errors import Busy, Unreachable
from racklet.serial_port import SerialRepl


@pytest.fixture
def pty():
    """(our end, the path of the other)."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for end in (slave, master):
        os.close(end)


def test_lines_go_there_with_their_end_and_output_comes_back(pty):
    board, path = pty
    repl = SerialRepl(path)
    os.write(board, b">>> 41\r\n")
    assert repl.exchange("1 + 40") == ">>> 41\n"
    assert os.read(board, 100) == b"1 + 40\r"
    assert repl.exchange("") == ""
    repl.exchange("\x03")
    assert os.read(board, 100) == b"\x03"
    repl.close()


def test_a_port_in_use_is_busy(pty):
    with serial.Serial(pty[1], exclusive=True), pytest.raises(Busy, match="in use"):
        SerialRepl(pty[1])


def test_a_board_that_goes_is_unreachable():
    master, slave = os.openpty()
    repl = SerialRepl(os.ttyname(slave))
    os.close(slave)
    os.close(master)
    with pytest.raises(Unreachable, match="is gone"):
        repl.exchange("1")
    repl.close()
