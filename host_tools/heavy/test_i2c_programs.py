"""Programs that others wrote, unmodified, on a virtual rack: i2c-tools and smbus2.

Needs a C compiler and Debian's i2c-tools; `make i2c-programs` installs the latter.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet.bus import Target, open_bus
from racklet_wire.commands import COMMANDS

RACKLET = str(Path(sys.executable).with_name("racklet"))
READABLE = {row[0] for row in COMMANDS if "r" in row[3]}


class Rack:
    """`racklet rack` in the background, and programs run on it."""

    def __init__(self, folder: Path) -> None:
        self.spec = f"virtual:{folder}/rack.sock"
        self._process = subprocess.Popen(
            [RACKLET, "rack", "--slots", "3", "--socket", f"{folder}/rack.sock"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("ready:"):
                break
        else:
            raise AssertionError("the rack did not start")
        bus = open_bus(self.spec)
        self.targets = [Target(bus, address) for address in (0x11, 0x12, 0x13)]
        self.target = self.targets[0]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [RACKLET, "--bus", self.spec, "i2c-run", "--", *command],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def output(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def python(self, script: str) -> str:
        return self.output(sys.executable, "-c", script)

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


@pytest.fixture(scope="module")
def rack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rack]:
    with pytest.MonkeyPatch.context() as patch:  # so that the library is built here and now
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        made = Rack(tmp_path_factory.mktemp("rack"))
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(autouse=True)
def clear(rack: Rack) -> None:
    for target in rack.targets:
        target.send("CLEAR_FAULTS")


def test_i2cdetect_finds_the_units(rack: Rack) -> None:
    table = rack.output("i2cdetect", "-y", "1")
    cells = [cell for line in table.split("\n")[1:] for cell in line[3:].split()]
    assert [cell for cell in cells if cell != "--"] == ["11", "12", "13"]


def test_i2cdetect_by_reading_finds_them_too(rack: Rack) -> None:
    table = rack.output("i2cdetect", "-y", "-r", "7")
    assert re.findall(r" (\d\d)(?= )", table.split("\n")[2]) == ["11", "12", "13"]


def test_i2cget_with_pec(rack: Rack) -> None:
    assert rack.output("i2cget", "-y", "1", "0x11", "0x98", "bp") == "0x33"
    word = int(rack.output("i2cget", "-y", "1", "0x11", "0x88", "wp"), 16)
    assert word >> 11 == 0x1B  # between 16 and 32 V, in steps of 31 mV
    texts = rack.output("i2cget", "-y", "1", "0x11", "0x99", "s")
    assert bytes(int(byte, 16) for byte in texts.split()) == b"RACKLET"


def test_i2cget_of_an_unsupported_code_fails_its_pec(rack: Rack) -> None:
    assert rack.run("i2cget", "-y", "1", "0x11", "0x8a", "wp").returncode != 0
    assert rack.output("i2cget", "-y", "1", "0x11", "0x8a", "w") == "0xffff"
    assert rack.output("i2cget", "-y", "1", "0x11", "0x7e", "bp") == "0x80"


def test_i2cget_of_an_empty_slot_fails(rack: Rack) -> None:
    assert rack.run("i2cget", "-y", "1", "0x1e", "0x98", "bp").returncode != 0


def test_i2cset_with_pec(rack: Rack) -> None:
    rack.output("i2cset", "-y", "1", "0x11", "0x4a", "0xc300", "wp")
    assert rack.output("i2cget", "-y", "1", "0x11", "0x4a", "wp") == "0xc300"
    rack.output("i2cset", "-y", "1", "0x11", "0x03", "cp")
    assert rack.output("i2cget", "-y", "1", "0x11", "0x7e", "bp") == "0x00"


def test_i2cset_without_pec_does_not_move_the_rail(rack: Rack) -> None:
    rack.output("i2cset", "-y", "1", "0x11", "0x01", "0x80", "b")
    assert rack.output("i2cget", "-y", "1", "0x11", "0x7e", "bp") == "0x20"
    assert rack.target.read("STATUS_WORD") & 0x0840 == 0x0840


def test_i2cset_writes_blocks(rack: Rack) -> None:
    first = ["0x00"] * 6  # LOG_SELECT of record 0
    rack.output("i2cset", "-y", "1", "0x11", "0xd9", *first, "sp")
    assert rack.target.read("STATUS_CML") == 0
    assert rack.target.block("LOG_WINDOW")["sequence"] == 0


def test_i2cdump_shows_ff_for_every_unsupported_code(rack: Rack) -> None:
    rows = rack.output("i2cdump", "-y", "1", "0x12", "b").split("\n")[1:]
    cells = [cell for row in rows for cell in row[4:51].split()]
    assert len(cells) == 256
    assert {cell for code, cell in enumerate(cells) if code not in READABLE} == {"ff"}
    assert cells[0x98] == "33"
    assert cells[0x19] == "a0"


def test_i2cdump_in_words_with_pec(rack: Rack) -> None:
    rows = rack.output("i2cdump", "-y", "1", "0x12", "wp").split("\n")[1:]
    cells = [cell for row in rows for cell in row[4:].split()]
    assert cells[0x8A] == "XXXX"  # its PEC fails
    assert re.fullmatch("d[8-f]..", cells[0x88])


def test_i2ctransfer_reads_blocks_of_known_and_unknown_size(rack: Rack) -> None:
    known = rack.output("i2ctransfer", "-y", "1", "w1@0x13", "0xd0", "r34").split()
    assert (known[0], known[1], known[13]) == ("0x20", "0x01", "0x03")
    unknown = rack.output("i2ctransfer", "-y", "1", "w1@0x13", "0x99", "r?").split()
    assert bytes(int(byte, 16) for byte in unknown) == b"\x07RACKLET"


def test_smbus2_with_pec(rack: Rack) -> None:
    printed = rack.python(
        """
from smbus2 import SMBus, i2c_msg
with SMBus(1) as bus:
    bus.pec = 1
    print(bus.read_byte_data(0x12, 0x19), bus.read_word_data(0x12, 0x79))
    bus.write_word_data(0x12, 0x4A, 0xC300)
    print(bus.read_word_data(0x12, 0x4A))
    print(bytes(bus.read_block_data(0x12, 0x9A)))
    bus.write_byte(0x12, 0x03)
    print(bus.read_byte(0x12))
    bus.write_quick(0x12)
    print(bus.block_process_call(0x12, 0x1A, [0x88]))
    bus.write_block_data(0x12, 0xDB, [0, 0, 0, 0])
    print(bus.read_byte_data(0x12, 0x7E))
    write, read = i2c_msg.write(0x12, [0x99]), i2c_msg.read(0x12, 9)
    bus.i2c_rdwr(write, read)
    print(bytes(list(read))[1:8])
    try:
        bus.read_word_data(0x12, 0x8A)
    except OSError as error:
        print(error.errno)
    try:
        bus.read_byte_data(0x1E, 0x19)
    except OSError as error:
        print(error.errno)
"""
    )
    assert printed.split("\n") == [
        "160 2112",
        "49920",
        "b'virtual'",
        "64",  # STATUS_BYTE: off
        "[160]",
        "0",
        "b'RACKLET'",
        "74",  # EBADMSG
        "6",  # ENXIO
    ]


def test_smbus2_i2c_blocks_and_plain_read_and_write(rack: Rack) -> None:
    printed = rack.python(
        """
import fcntl, os
from smbus2 import SMBus
with SMBus("/dev/i2c-20") as bus:
    print(bytes(bus.read_i2c_block_data(0x12, 0x99, 8)))
one, two = os.open("/dev/i2c-1", os.O_RDWR), os.open("/dev/i2c-2", os.O_RDWR)
for fd, address in ((one, 0x12), (two, 0x13)):
    fcntl.ioctl(fd, 0x0703, address)
    os.write(fd, b"\\x03")
    print(os.read(fd, 1).hex())
os.close(one)
print(os.path.exists("/proc/self"))
"""
    )
    assert printed.split("\n") == [r"b'\x07RACKLET'", "40", "40", "True"]


def test_our_own_transport_for_dev_i2c(rack: Rack) -> None:
    """racklet.bus over the ioctl I2C_RDWR, as it runs on a Raspberry Pi."""
    printed = rack.python(
        """
from racklet.bus import Target, open_bus
from racklet.errors import Nack
bus = open_bus("i2c:/dev/i2c-1")
target = Target(bus, 0x12)
target.write("IOUT_OC_WARN_LIMIT", 3000)
print(target.read("IOUT_OC_WARN_LIMIT"), target.block("IDENTIFY")["slot"], target.text("MFR_ID"))
print(target.query(0x88), target.read("STATUS_CML"))
try:
    Target(bus, 0x1E).read("CAPABILITY")
except Nack as nack:
    print(nack)
"""
    )
    assert printed.split("\n") == [
        "3000 2 RACKLET",
        "160 0",
        "i2c:/dev/i2c-1, address 0x1E, CAPABILITY: no acknowledge for message 0",
    ]


def test_the_exit_code_and_the_streams_are_the_program_s(rack: Rack) -> None:
    done = rack.run(sys.executable, "-c", "import sys; print('out'); sys.exit(7)")
    assert (done.returncode, done.stdout) == (7, "out\n")
