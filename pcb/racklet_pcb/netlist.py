"""A netlist in one shape, whether taken from the circuit in Python or from KiCad's export."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from .circuit import Circuit
from .sexpr import find, find_all, parse


@dataclass(frozen=True)
class Netlist:
    """`pins`: (designator, pin number) -> net, only where connected; `values` and `parts` by
    designator: value text and symbol name."""

    pins: dict[tuple[str, str], str]
    values: dict[str, str]
    parts: dict[str, str]

    def on(self, net: str) -> set[tuple[str, str]]:
        return {pin for pin, name in self.pins.items() if name == net}

    def across(self, ref: str) -> tuple[str, str]:
        """The two nets of a two-pin part."""
        return self.pins[ref, "1"], self.pins[ref, "2"]

    def between(self, a: str, b: str) -> list[str]:
        """Designators of the two-pin parts from net `a` to net `b`."""
        refs = {ref for ref, _ in self.on(a)} & {ref for ref, _ in self.on(b)}
        return sorted(r for r in refs if (r, "2") in self.pins and (r, "3") not in self.pins)


def of_circuit(circuit: Circuit) -> Netlist:
    parts = circuit.parts()
    return Netlist(
        {(p.ref, n): net for p in parts for n, net in p.nets.items() if net},
        {p.ref: p.type.value for p in parts},
        {p.ref: p.type.symbol.split(":")[1] for p in parts},
    )


def of_export(path: Path) -> Netlist:
    """`kicad-cli sch export netlist`, format kicadsexpr."""
    tree = parse(path.read_text(encoding="utf-8"))
    pins = {}
    for net in find_all(find(tree, "nets"), "net"):
        name = str(find(net, "name")[1])
        if name.startswith("unconnected-"):
            continue
        for node in find_all(net, "node"):
            pins[str(find(node, "ref")[1]), str(find(node, "pin")[1])] = name
    values, parts = {}, {}
    for part in find_all(find(tree, "components"), "comp"):
        ref = str(find(part, "ref")[1])
        values[ref] = str(find(part, "value")[1])
        parts[ref] = str(find(find(part, "libsource"), "part")[1])
    return Netlist(pins, values, parts)


def to_json(n: Netlist) -> str:
    """By designator: symbol, value and pins. This file is committed, so that what needs only
    Python can read the circuit without KiCad's libraries."""
    parts = {
        ref: {
            "symbol": n.parts[ref],
            "value": n.values[ref],
            "pins": {pin: net for (r, pin), net in n.pins.items() if r == ref},
        }
        for ref in n.parts
    }
    rows = ",\n".join(f"  {json.dumps(ref)}: {json.dumps(part)}" for ref, part in parts.items())
    return f"{{\n{rows}\n}}\n"


def of_json(path: Path) -> Netlist:
    tree = json.loads(path.read_text(encoding="utf-8"))
    return Netlist(
        {(ref, pin): net for ref, part in tree.items() for pin, net in part["pins"].items()},
        {ref: part["value"] for ref, part in tree.items()},
        {ref: part["symbol"] for ref, part in tree.items()},
    )


_NUMBER = re.compile(r"(\d+)([RkMmun])(\d*)")
_SCALE = {"R": 1.0, "k": 1e3, "M": 1e6, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def ohms(value: str) -> float:
    """`4k7` -> 4700, `10m 1% 1W` -> 0.01. Raises ValueError for what is no resistance."""
    match = _NUMBER.match(value)
    if match is None:
        raise ValueError(f"{value!r} is no resistance")
    whole, unit, rest = match.groups()
    return float(f"{whole}.{rest or 0}") * _SCALE[unit]
