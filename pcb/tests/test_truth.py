"""The committed netlist matches the firmware's table, and every kind of mistake is found."""

import copy
from dataclasses import replace
from typing import Any

import pytest
from racklet_pcb import netlist, truth

NAME = "bmc_rp2040_r1"


@pytest.fixture
def circuit() -> netlist.Netlist:
    return netlist.of_json(truth.PCB / NAME / "netlist.json")


@pytest.fixture
def board() -> dict[str, Any]:
    return copy.deepcopy(truth.load_board(NAME))


def rewired(n: netlist.Netlist, ref: str, pin: str, net: str) -> netlist.Netlist:
    assert n.pins[ref, pin] != net
    return replace(n, pins={**n.pins, (ref, pin): net})


def test_the_circuit_is_what_the_firmware_thinks(
    board: dict[str, Any], circuit: netlist.Netlist
) -> None:
    assert truth.check(board, circuit) == []


def test_a_net_moved_to_another_gpio_in_the_table_is_found(
    board: dict[str, Any], circuit: netlist.Netlist
) -> None:
    pins = board["PINS"]
    pins["LATCH_SET"], pins["LATCH_CLR"] = pins["LATCH_CLR"], pins["LATCH_SET"]
    findings = truth.check(board, circuit)
    assert len(findings) == 2
    assert "U1 pin 27 (GPIO16): board.py says LATCH_SET, the circuit LATCH_CLR" in findings


@pytest.mark.parametrize("pin", [str(p) for p in truth.RP2040_GPIO_PINS])
def test_any_gpio_rewired_in_the_circuit_is_found(
    board: dict[str, Any], circuit: netlist.Netlist, pin: str
) -> None:
    assert f"U1 pin {pin} " in truth.check(board, rewired(circuit, "U1", pin, "ELSEWHERE"))[0]


@pytest.mark.parametrize(
    ("wiring", "says"),
    [
        (("U8", "2", "+3V3"), "U8: strapped to 0x41, board.py says 0x40"),
        (("U8", "4", "LOC_SCL"), "U8 sda: board.py says LOC_SDA"),
        (("U11", "3", "+3V3"), "U11: strapped to 0x54"),
        (("U10", "5", "LOC_SDA"), "U10 pin 5: an address pin must be on GND or +3V3"),
        (("R711", "1", "VEF"), "no single shunt between VEF and +5V"),
    ],
)
def test_a_wrong_strap_bus_or_sense_connection_is_found(
    board: dict[str, Any], circuit: netlist.Netlist, wiring: tuple[str, str, str], says: str
) -> None:
    findings = truth.check(board, rewired(circuit, *wiring))
    assert any(says in f for f in findings), findings


@pytest.mark.parametrize(
    ("ref", "value", "says"),
    [
        ("R306", "10m 1% 1W", "R306 is 10000 uOhm, board.py says 5000 for U8"),
        ("R761", "100k", "ADC1 ADC_VIN: the circuit gives 36300 mV"),
        ("R206", "10k", "ADC2 ADC_IMON"),
    ],
)
def test_a_wrong_value_is_found(
    board: dict[str, Any], circuit: netlist.Netlist, ref: str, value: str, says: str
) -> None:
    wrong = replace(circuit, values={**circuit.values, ref: value})
    findings = truth.check(board, wrong)
    assert any(says in f for f in findings), findings


def test_another_part_under_a_device_is_found(
    board: dict[str, Any], circuit: netlist.Netlist
) -> None:
    wrong = replace(circuit, parts={**circuit.parts, "U9": "INA226"})
    assert "U9: board.py expects INA228, found INA226" in truth.check(board, wrong)
