"""The pads: who wins on a net, resets, edges, the ADC's scales."""

from collections.abc import Callable
from pathlib import Path

import pytest
from racklet_plant import Nack, PlantError, Rack, Unit, World
from racklet_plant.board import load_board

MS = 1_000_000


def test_output_beats_resistor_beats_pull(unit: Unit) -> None:
    port, pins = unit.port, unit.board.pins
    gpio = pins["LATCH_SET"]  # 10 k to ground on the board
    port.drive(gpio, None, "up")
    assert port.level(gpio) == 0
    port.drive(gpio, 1)
    assert port.level(gpio) == 1
    led = pins["LED_FAULT"]  # nothing outside
    port.drive(led, None, "up")
    assert port.level(led) == 1
    port.drive(led, None)
    assert port.level(led) == 0


def test_reset_makes_every_control_line_inert(unit: Unit) -> None:
    nets = ("LATCH_SET", "LATCH_CLR", "DISCHG", "SMBALERT_DRV", "SHDN_REQ")
    for net in nets:
        unit.port.drive(unit.board.pins[net], 1)
    unit.port.reset_pads()
    assert [unit.port.net_level(net) for net in nets] == [0] * 5


def test_listeners_hear_edges_until_reset(world: World, unit: Unit) -> None:
    heard: list[int] = []
    gpio = unit.board.pins["BTN_FACTORY_N"]
    unit.port.on_change(gpio, heard.append)
    unit.press(True)
    unit.press(True)
    unit.press(False)
    assert heard == [0, 1]
    unit.port.reset_pads()
    unit.press(True)
    assert heard == [0, 1]


@pytest.mark.parametrize(
    ("channel", "value"),
    [
        (0, lambda u: u.node("V5") / 6_600),
        (1, lambda u: u.node("VBUS") / 28_050),
        (2, lambda u: u.power.efuse.input_ua() / 1000 / 7_885),
        (3, lambda u: u.node("VHOLD") / 28_050),
    ],
)
def test_adc_scales(powered: Unit, channel: int, value: Callable[[Unit], float]) -> None:
    counts = powered.port.adc_u12(channel)
    assert counts > 100
    assert counts == pytest.approx(4095 * value(powered), abs=1)


def test_adc_saturates(powered: Unit) -> None:
    powered.power.buck.rail.v_uv = 7_000_000
    assert powered.port.adc_u12(0) == 4095


def test_local_bus_needs_power_and_an_address(world: World, rack: Rack, unit: Unit) -> None:
    with pytest.raises(Nack):
        unit.port.i2c_transfer(0x23)
    unit.port.i2c_transfer(0x40)
    rack.slots[1].remove()
    world.advance(200 * MS)
    with pytest.raises(Nack):
        unit.port.i2c_transfer(0x40)


def test_disturbed_transfers_are_counted_down(unit: Unit) -> None:
    unit.port.i2c_nacks = 2
    for _ in range(2):
        with pytest.raises(Nack):
            unit.port.i2c_transfer(0x40)
    unit.port.i2c_transfer(0x40)


def test_smbalert_is_wired_or(world: World, rack: Rack, unit: Unit) -> None:
    gpio = unit.board.pins["SMBALERT_DRV"]
    assert rack.alert_n == 1
    unit.port.drive(gpio, 1)
    assert rack.alert_n == 0
    rack.slots[1].remove()
    world.advance(3 * MS)  # its SMBus contacts are open, its supply still there
    assert unit.port.net_level("SMBALERT_DRV") == 1
    assert rack.alert_n == 1


def test_tracing_names_the_nodes_there_are(unit: Unit) -> None:
    with pytest.raises(PlantError, match="EN, V5, VBUS"):
        unit.trace("V12")


def test_board_table_is_checked(tmp_path: Path) -> None:
    with pytest.raises(PlantError, match="no board table"):
        load_board("nonesuch")
    bad = tmp_path / "board.py"
    bad.write_text("NAME = open('x')")
    with pytest.raises(PlantError, match="not a board table"):
        load_board(bad)
    bad.write_text("NAME = 'x'")
    with pytest.raises(PlantError, match="PINS"):
        load_board(bad)
