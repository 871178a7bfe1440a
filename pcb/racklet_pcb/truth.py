"""Does the copper match the firmware? Compare a netlist with boards/<name>/board.py.

usage: python -m racklet_pcb.truth BOARD     reads the committed netlist

Each finding names the designator and pin, what the table says and what the circuit says.
"""

import runpy
import sys
from pathlib import Path
from typing import Any

from . import netlist as netlists
from .netlist import Netlist, ohms

PCB = Path(__file__).resolve().parent.parent
CONTROLLER = "U1"
RP2040_GPIO_PINS = [*range(2, 10), *range(11, 19), *range(27, 33), *range(34, 42)]  # GPIO0 to 29
VREF_MV = 3300.0
EFUSE_MONITOR_A_PER_A = 27.9e-6  # TPS2663 IMON gain, TI SLVSE94

# Symbol, bus pins, and the strap pins with what each adds to the base address when it is high.
DRIVERS: dict[str, dict[str, Any]] = {
    "ina228": {"part": "INA228", "sda": "4", "scl": "5", "base": 0x40, "straps": {"2": 1, "1": 4}},
    "tmp1075": {
        "part": "TMP1075DGK",
        "sda": "1",
        "scl": "2",
        "base": 0x48,
        "straps": {"7": 1, "6": 2, "5": 4},
    },
    "at24cs32": {
        "part": "AT24CS32-SSHM",
        "sda": "5",
        "scl": "6",
        "base": 0x50,
        "straps": {"1": 1, "2": 2, "3": 4},
    },
}


def check_pins(board: dict[str, Any], n: Netlist) -> list[str]:
    """Every GPIO carries the net the firmware thinks."""
    findings = []
    by_gpio = {gpio: net for net, gpio in board["PINS"].items()}
    for gpio, pin in enumerate(RP2040_GPIO_PINS):
        table, copper = by_gpio.get(gpio), n.pins.get((CONTROLLER, str(pin)))
        if table != copper:
            findings.append(
                f"{CONTROLLER} pin {pin} (GPIO{gpio}): board.py says {table}, the circuit {copper}"
            )
    return findings


def check_devices(board: dict[str, Any], n: Netlist) -> list[str]:
    """Every device is on its bus, at its address, across its shunt."""
    findings = []
    for device in board["DEVICES"]:
        ref, driver = device["refdes"], DRIVERS[device["driver"]]
        bus = board["BUSES"][device["bus"]]
        if n.parts.get(ref) != driver["part"]:
            findings.append(f"{ref}: board.py expects {driver['part']}, found {n.parts.get(ref)}")
            continue
        for line in ("sda", "scl"):
            net = n.pins.get((ref, driver[line]))
            if net != bus[line]:
                findings.append(f"{ref} {line}: board.py says {bus[line]}, the circuit {net}")
        address = driver["base"]
        for pin, weight in driver["straps"].items():
            level = {"GND": 0, "+3V3": weight}.get(n.pins.get((ref, pin), ""))
            if level is None:
                findings.append(f"{ref} pin {pin}: an address pin must be on GND or +3V3")
            address += level or 0
        if address != device["address"]:
            findings.append(
                f"{ref}: strapped to 0x{address:02X}, board.py says 0x{device['address']:02X}"
            )
        if "shunt_uohm" in device:
            findings += check_shunt(ref, device["shunt_uohm"], n)
    return findings


def check_shunt(ref: str, micro_ohms: int, n: Netlist) -> list[str]:
    """The resistor between the far ends of the two filter resistors of a monitor."""
    ends = []
    for pin in ("10", "9"):  # IN+, IN-
        net = n.pins[ref, pin]
        filters = [r for r, _ in n.on(net) if r.startswith("R")]
        if len(filters) != 1:
            return [f"{ref} pin {pin}: needs exactly one filter resistor, found {filters}"]
        a, b = n.across(filters[0])
        ends.append(b if a == net else a)
    shunts = [r for r in n.between(*ends) if r.startswith("R")]
    if len(shunts) != 1:
        return [f"{ref}: no single shunt between {ends[0]} and {ends[1]}: {shunts}"]
    value = ohms(n.values[shunts[0]]) * 1e6
    if abs(value - micro_ohms) > 1:
        return [f"{shunts[0]} is {value:.0f} uOhm, board.py says {micro_ohms} for {ref}"]
    return []


def check_adc(board: dict[str, Any], n: Netlist) -> list[str]:
    """The dividers give the full scale that the firmware multiplies with."""
    findings = []
    for channel, row in board["ADC"].items():
        net = row["net"]
        taps = {x for r, _ in n.on(net) if r.startswith("R") for x in n.across(r)} - {net}
        tap = taps.pop()
        low = [r for r in n.between(tap, "GND") if r.startswith("R")]
        high = [r for r, _ in n.on(tap) if r.startswith("R") and net not in n.across(r)]
        high = [r for r in high if r not in low]
        if row["unit"] == "mA":
            (source,) = set(n.across(high[0])) - {tap}
            load = ohms(n.values[n.between(source, "GND")[0]])
            scale = VREF_MV / (EFUSE_MONITOR_A_PER_A * load)
        else:
            scale = VREF_MV * (1 + ohms(n.values[high[0]]) / ohms(n.values[low[0]]))
        if abs(scale - row["full_scale"]) > 0.001 * row["full_scale"]:
            findings.append(
                f"ADC{channel} {net}: the circuit gives {scale:.0f} {row['unit']} full scale, "
                f"board.py says {row['full_scale']}"
            )
    return findings


def check(board: dict[str, Any], n: Netlist) -> list[str]:
    return check_pins(board, n) + check_devices(board, n) + check_adc(board, n)


def load_board(name: str) -> dict[str, Any]:
    return runpy.run_path(str(PCB.parent / "boards" / name / "board.py"))


def main(argv: list[str]) -> int:
    (name,) = argv
    findings = check(load_board(name), netlists.of_json(PCB / name / "netlist.json"))
    print(*findings, sep="\n", end="\n" if findings else "")
    return bool(findings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
