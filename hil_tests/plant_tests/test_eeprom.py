"""FRU EEPROM: IPMI bytes, addresses, write cycles."""

import pytest
from racklet_plant import Nack, Unit, World
from racklet_plant.fru import fru_image

MS = 1_000_000
MEMORY, SERIAL = 0x50, 0x58

# Board area of 40 bytes: 2026-01-01, Racklet, BMC-1, SN0001, RK-BMC-1; both sums are zero.
GOLDEN = bytes.fromhex(
    "01000001000000fe"
    "010500c0c6f0c75261636b6c6574c5424d432d31c6534e30303031c8524b2d424d432d31c0c10097"
)


def read(unit: Unit, address: int, offset: int, count: int) -> bytes:
    return unit.port.i2c_transfer(address, offset.to_bytes(2, "big"), count)


def test_fru_image_is_the_golden_one() -> None:
    image = fru_image(maker="Racklet", product="BMC-1", serial="SN0001", part="RK-BMC-1")
    assert image == GOLDEN


def test_fru_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="at most 63"):
        fru_image(maker="R" * 64, product="", serial="", part="")


def test_unit_carries_its_serial(unit: Unit) -> None:
    data = read(unit, MEMORY, 0, 64)
    assert b"RK000001" in data
    length = data[9] * 8
    assert sum(data[:8]) % 256 == 0
    assert sum(data[8 : 8 + length]) % 256 == 0


def test_factory_serial_differs_by_unit(unit: Unit) -> None:
    serial = read(unit, SERIAL, 0x0800, 16)
    assert len(set(serial)) > 4
    assert read(unit, SERIAL, 0x0800, 16) == serial
    assert read(unit, SERIAL, 0x0810, 2) == b"\xff\xff"


def test_write_cycle_is_polled_by_nack(world: World, unit: Unit) -> None:
    unit.port.i2c_transfer(MEMORY, b"\x01\x00hello")
    with pytest.raises(Nack):
        unit.port.i2c_transfer(MEMORY)
    world.advance(5 * MS - 1)
    with pytest.raises(Nack):
        unit.port.i2c_transfer(MEMORY)
    world.advance(1)
    unit.port.i2c_transfer(MEMORY)
    assert read(unit, MEMORY, 0x0100, 5) == b"hello"


def test_a_page_rolls_over_inside_itself(world: World, unit: Unit) -> None:
    unit.port.i2c_transfer(MEMORY, b"\x01\x1eABCD")
    world.advance(5 * MS)
    assert read(unit, MEMORY, 0x011E, 2) == b"AB"
    assert read(unit, MEMORY, 0x0100, 2) == b"CD"


def test_power_cut_in_the_write_cycle_tears_the_page(world: World, unit: Unit) -> None:
    unit.port.i2c_transfer(MEMORY, b"\x02\x00" + bytes(32))
    unit.parts.eeprom.power_down()
    assert read(unit, MEMORY, 0x0200, 32) == bytes(16) + b"\xff" * 16


def test_absent_never_answers(unit: Unit) -> None:
    unit.parts.eeprom.break_down("absent")
    with pytest.raises(Nack):
        read(unit, MEMORY, 0, 1)
    with pytest.raises(Nack):
        read(unit, SERIAL, 0x0800, 1)


def test_a_worn_cell_breaks_the_sum_of_the_board_area_alone(unit: Unit) -> None:
    whole = read(unit, MEMORY, 0, 64)
    unit.parts.eeprom.break_down("wrong")
    data = read(unit, MEMORY, 0, 64)
    length = data[9] * 8
    assert sum(data[:8]) % 256 == 0
    assert sum(data[8 : 8 + length]) % 256 != 0
    unit.parts.eeprom.break_down("ok")
    assert read(unit, MEMORY, 0, 64) == whole
