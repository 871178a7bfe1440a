"""The co-simulation: processes that live and die as chips do, and the same seed, the same run."""

import os
import signal
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet.bmc import Bmc
from racklet.virtual.plant_bus import PlantBus
from racklet_bench.in_process import PlantClock
from racklet_plant.cosim import FirmwareDoesNotStart, VirtualRack
from racklet_plant.cosim.rack import NoMicroPython
from racklet_plant.smbus import Nack, Read, Write
from racklet_wire.commands import code_of

MS = 1_000_000
S = 1_000 * MS

OPERATION_ON = b"\x01\x80"
STATUS_WORD = 0x79


@pytest.fixture
def rack() -> Iterator[VirtualRack]:
    with VirtualRack(2, seed=1, speed_up=20) as made:
        yield made


def run_on(rack: VirtualRack, ns: int) -> None:
    rack.run_until(rack.world.now_ns + ns)


def seat(rack: VirtualRack, slot: int) -> None:
    """Insert a unit and wait until it is admitted and measured off."""
    rack.control("insert", slot=slot)
    run_on(rack, 5 * S)


def pec(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc


def switch_on(rack: VirtualRack, slot: int) -> None:
    address = 0x10 + slot
    check = pec(bytes([address << 1]) + OPERATION_ON)
    rack.transfer([Write(address, OPERATION_ON + bytes([check]))])
    run_on(rack, 1 * S)


def type_line(rack: VirtualRack, slot: int, line: bytes) -> str:
    rack.repl_write(slot, line)
    run_on(rack, 50 * MS)
    return rack.repl_read(slot).decode()


def test_the_same_seed_gives_the_same_run() -> None:
    def story() -> list[object]:
        with VirtualRack(2, seed=7, speed_up=20) as rack:
            seat(rack, 1)
            unit = rack.plant.slots[1].unit
            assert unit is not None
            trace = unit.trace("V5")
            switch_on(rack, 1)
            replies = rack.transfer([Write(0x11, b"\xd1"), Read(0x11, 34)])
            return [list(trace), replies, unit.true_in_uj, rack.world.now_ns]

    assert story() == story()


def test_every_process_is_gone_after_close(rack: VirtualRack) -> None:
    seat(rack, 1)
    channel = rack.bmc(1).channel
    assert channel is not None
    pid = channel.pid
    os.kill(pid, 0)
    rack.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_pulled_unit_has_no_process(rack: VirtualRack) -> None:
    seat(rack, 1)
    bmc = rack.bmc(1)
    rack.control("remove", slot=1)
    run_on(rack, 1 * S)
    assert bmc.channel is None
    with pytest.raises(Nack):
        rack.transfer([Write(0x11, bytes([STATUS_WORD])), Read(0x11, 2)])


def test_flash_survives_a_killed_process(rack: VirtualRack) -> None:
    seat(rack, 1)
    rack.kill_bmc(1)
    run_on(rack, 1 * S)
    rack.repl_write(1, b"\x03")
    run_on(rack, 50 * MS)
    type_line(rack, 1, b"from racklet_bmc.app import bmc")
    assert "2" in type_line(rack, 1, b"bmc.log.generation")


def store_settings(rack: VirtualRack) -> None:
    """The BMC in slot 1 erases a sector of its flash, for 45 ms."""
    command = bytes([code_of("STORE_USER_ALL")])
    rack.transfer([Write(0x11, command + bytes([pec(bytes([0x11 << 1]) + command)]))])


def test_a_reset_while_flash_is_erased(rack: VirtualRack) -> None:
    """The start waits for the end of the erase, which a reset of the chip does not stop."""
    seat(rack, 1)
    for delay_ms in range(0, 32, 4):
        before = rack.bmc(1).channel
        store_settings(rack)
        rack.world.after(delay_ms * MS, rack.bmc(1).reset)
        run_on(rack, 2 * S)
        assert rack.bmc(1).channel is not before
        assert rack.answering(1)


def test_power_that_is_back_before_an_erase_would_have_ended(rack: VirtualRack) -> None:
    """The supply of the BMC is gone after 80 ms, and the next process starts at 109."""
    seat(rack, 1)
    for delay_ms in range(52, 80, 4):
        before = rack.bmc(1).channel
        rack.control("brownout", mv=0, ms=81)
        run_on(rack, delay_ms * MS)
        store_settings(rack)
        run_on(rack, 2 * S)
        assert rack.bmc(1).channel is not before
        assert rack.answering(1)


def test_without_the_latch_the_rail_does_not_hold(rack: VirtualRack) -> None:
    """The check that a reset moves nothing can fail: here is what it sees without the part."""
    seat(rack, 1)
    unit = rack.plant.slots[1].unit
    assert unit is not None
    unit.latch.fitted = False
    enable = unit.trace("EN")
    switch_on(rack, 1)
    rack.kill_bmc(1)
    run_on(rack, 1 * S)
    assert enable.levels[-1] == 0


def test_ctrl_c_enters_a_repl_that_still_answers_the_bus(rack: VirtualRack) -> None:
    seat(rack, 1)
    rack.repl_write(1, b"\x03")
    run_on(rack, 50 * MS)
    assert "stopped" in rack.repl_read(1).decode()
    assert "42" in type_line(rack, 1, b"6 * 7")
    assert "ZeroDivisionError" in type_line(rack, 1, b"1 / 0")
    assert rack.transfer([Write(0x11, b"\x19"), Read(0x11, 1)]) == [b"\xa0"]


def test_what_ctrl_c_stopped_is_as_quick_when_it_runs_again(rack: VirtualRack) -> None:
    seat(rack, 1)
    unit = rack.plant.slots[1].unit
    assert unit is not None
    rack.repl_write(1, b"\x03")
    run_on(rack, 50 * MS)
    rack.repl_write(1, b"start()")
    run_on(rack, 1_037 * MS)
    enable = unit.trace("EN")
    rack.transfer([Write(0x11, OPERATION_ON + bytes([pec(b"\x22" + OPERATION_ON)]))])
    sent = rack.world.now_ns
    run_on(rack, 200 * MS)
    assert [level for _, level in enable] == [0, 1]
    assert enable[1][0] - sent < 10 * MS
    channel = rack.bmc(1).channel
    run_on(rack, 12 * S)  # longer than the watchdog waits
    assert rack.bmc(1).channel is channel


def test_a_loop_without_end_is_bitten_by_the_watchdog(rack: VirtualRack) -> None:
    seat(rack, 1)
    rack.repl_write(1, b"\x03")
    run_on(rack, 50 * MS)
    channel = rack.bmc(1).channel
    assert channel is not None
    channel.patience_s = 0.2
    type_line(rack, 1, b"while True:")
    type_line(rack, 1, b"    pass")
    type_line(rack, 1, b"")
    assert not rack.bmc(1).answering
    run_on(rack, 10 * S)
    assert rack.bmc(1).answering
    log = Bmc(PlantBus(rack.bus), 1, PlantClock(rack)).log()
    causes = [record.fields["cause"] for record in log if record.kind == "boot"]
    assert causes == ["power on", "watchdog"]


def test_a_process_that_the_computer_lets_wait_does_not_hang(rack: VirtualRack) -> None:
    """What happens on the rack must not depend on the load of the computer."""
    seat(rack, 1)
    channel = rack.bmc(1).channel
    assert channel is not None
    channel.patience_s = 0.2
    os.kill(channel.pid, signal.SIGSTOP)
    threading.Timer(3 * channel.patience_s, os.kill, (channel.pid, signal.SIGCONT)).start()
    run_on(rack, 1 * S)
    assert rack.bmc(1).channel is channel


def test_firmware_that_does_not_start_shows_what_it_said(tmp_path: Path) -> None:
    broken = tmp_path / "micropython"
    broken.write_text("#!/bin/sh\necho no such luck\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    with (
        VirtualRack(1, micropython=broken) as rack,
        pytest.raises(FirmwareDoesNotStart, match="no such luck"),
    ):
        seat(rack, 1)


def test_a_missing_micropython_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoMicroPython, match="RACKLET_MICROPYTHON"):
        VirtualRack(1, micropython=tmp_path / "nowhere")
