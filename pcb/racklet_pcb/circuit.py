"""What a board is made of: sheets of blocks of parts, each pin on a named net or left open.

Nothing here knows how a sheet looks; `draw` does. Errors name the part and say what to do.
"""

from dataclasses import dataclass, field

from . import symbols
from .parts import PartType

OPEN = None  # a pin that is deliberately not connected


class CircuitError(ValueError):
    """The circuit contradicts itself."""


@dataclass
class Part:
    ref: str
    type: PartType
    nets: dict[str, str | None]  # pin number -> net, OPEN for not connected
    fitted: bool = True


@dataclass
class Block:
    title: str
    note: str = ""
    parts: list[Part] = field(default_factory=list)


@dataclass
class Sheet:
    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)


class Circuit:
    """A board's circuit. `types` is the parts table; designators are unique."""

    def __init__(self, name: str, title: str, rev: str, types: dict[str, PartType]) -> None:
        self.name, self.title, self.rev, self.types = name, title, rev, types
        self.sheets: list[Sheet] = []
        self.refs: set[str] = set()
        self.driven: list[str] = []  # supply nets that come in through a connector or a switch

    def sheet(self, name: str, title: str) -> None:
        """Start a sheet; the blocks that follow are on it."""
        self.sheets.append(Sheet(name, title))

    def block(self, title: str, note: str = "") -> None:
        """Start a block; the parts that follow are in it."""
        self.sheets[-1].blocks.append(Block(title, note))

    def _add(self, ref: str, key: str, nets: dict[str, str | None], fitted: bool) -> None:
        if ref in self.refs:
            raise CircuitError(f"{ref}: designator used twice")
        self.refs.add(ref)
        self.sheets[-1].blocks[-1].parts.append(Part(ref, self.types[key], nets, fitted))

    def two(self, ref: str, key: str, first: str, second: str, fitted: bool = True) -> None:
        """A part of two pins; `first` is pin 1 (cathode of a diode, + of a capacitor)."""
        self._add(ref, key, {"1": first, "2": second}, fitted)

    def ic(self, ref: str, key: str, wiring: dict[str, str | None]) -> None:
        """A part of many pins. `wiring`: pin number or pin name (all pins of that name) -> net."""
        if key not in self.types:
            raise CircuitError(f"{ref}: no part type {key!r} in pcb/parts.csv")
        nets: dict[str, str | None] = {}
        pins = symbols.pins(self.types[key].symbol)
        numbers = {p.number for p in pins}
        for name, net in wiring.items():
            hit = [name] if name in numbers else [p.number for p in pins if p.name == name]
            if not hit:
                known = ", ".join(f"{p.number}={p.name}" for p in pins)
                raise CircuitError(f"{ref}: no pin {name!r}; has {known}")
            for number in hit:
                if number in nets:
                    raise CircuitError(f"{ref}: pin {number} is wired twice")
                nets[number] = net
        missing = [f"{p.number}={p.name}" for p in pins if p.number not in nets]
        if missing:
            raise CircuitError(f"{ref}: say where {', '.join(missing)} go (OPEN if nowhere)")
        self._add(ref, key, nets, True)

    def parts(self) -> list[Part]:
        return [p for s in self.sheets for b in s.blocks for p in b.parts]
