"""Schematic symbols: read from KiCad's libraries or from the project's own, flattened."""

import copy
import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .sexpr import Text, find, find_all, parse

STOCK = Path(os.environ.get("KICAD9_SYMBOL_DIR", "/usr/share/kicad/symbols"))
OWN = Path(__file__).resolve().parent.parent / "lib" / "racklet.kicad_sym"


@dataclass(frozen=True)
class Pin:
    """One pin of a symbol: mm on the symbol's own axes (y up), angle towards the body."""

    number: str
    name: str
    kind: str
    x: float
    y: float
    angle: int


@functools.cache
def _source(library: str) -> str:
    return (OWN if library == "racklet" else STOCK / f"{library}.kicad_sym").read_text()


def _raw(library: str, name: str) -> list[Any]:
    pattern = rf'^\t\(symbol "{re.escape(name)}"\n.*?^\t\)$'
    match = re.search(pattern, _source(library), re.M | re.S)
    if match is None:
        raise LookupError(f"no symbol {library}:{name}; check pcb/parts.csv against the library")
    return parse(match.group(0))


@functools.cache
def load(lib_id: str) -> list[Any]:
    """Symbol `library:name` as an s-expression, `extends` resolved, named by its full id."""
    library, name = lib_id.split(":")
    symbol = _raw(library, name)
    parent = find(symbol, "extends")
    if parent:
        base = copy.deepcopy(_raw(library, parent[1]))
        own = {p[1]: p for p in find_all(symbol, "property")}
        for i, item in enumerate(base):
            if isinstance(item, list) and item[0] == "property" and item[1] in own:
                base[i] = own.pop(item[1])
            elif isinstance(item, list) and item[0] == "symbol":
                item[1] = Text(item[1].replace(parent[1], name, 1))
        first_unit = next(i for i, x in enumerate(base) if isinstance(x, list) and x[0] == "symbol")
        base[first_unit:first_unit] = own.values()
        symbol = base
    symbol[1] = Text(lib_id)
    return symbol


@functools.cache
def pins(lib_id: str) -> tuple[Pin, ...]:
    """Pins of unit 1 and of the part common to all units."""
    found = []
    for unit in find_all(load(lib_id), "symbol"):
        if int(unit[1].split("_")[-2]) > 1:
            continue
        for pin in find_all(unit, "pin"):
            at = find(pin, "at")
            found.append(
                Pin(
                    number=str(find(pin, "number")[1]),
                    name=str(find(pin, "name")[1]),
                    kind=pin[1],
                    x=float(at[1]),
                    y=float(at[2]),
                    angle=int(float(at[3])),
                )
            )
    return tuple(found)


def prop(lib_id: str, name: str) -> str:
    """A property of the symbol, or an empty string."""
    return next((str(p[2]) for p in find_all(load(lib_id), "property") if p[1] == name), "")
