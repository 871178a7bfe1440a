"""One checked figure: what it is, its value, the limit and the margin between them."""

from dataclasses import dataclass
from pathlib import Path

from racklet_pcb.netlist import Netlist, of_json, ohms

PCB = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Figure:
    """`value` against `limit` ("max": value stays below, "min": above), both in `unit`.

    `margin` is the share of the limit that must be left. `source` says where limit or formula
    come from; one that starts with `unverified` is listed in docs/hardware as open.
    """

    name: str
    value: float
    kind: str
    limit: float
    unit: str
    margin: float
    source: str

    @property
    def room(self) -> float:
        """What is left, as a share of the limit; negative when it is broken."""
        left = self.limit - self.value if self.kind == "max" else self.value - self.limit
        return left / abs(self.limit)

    @property
    def ok(self) -> bool:
        return self.room >= self.margin

    def row(self) -> str:
        sign = "<" if self.kind == "max" else ">"
        return (
            f"| {self.name} | {self.value:.4g} {self.unit} | {sign} {self.limit:.4g} {self.unit} "
            f"| {self.room:.0%} (asks {self.margin:.0%}) | {self.source} |"
        )


def load(board: str) -> Netlist:
    return of_json(PCB / board / "netlist.json")


def farads(value: str) -> float:
    """`4u7 50V` -> 4.7e-6, `39p C0G` -> 39e-12."""
    text = value.split(maxsplit=1)[0]
    for unit, scale in (("p", 1e-12), ("n", 1e-9), ("u", 1e-6)):
        if unit in text:
            whole, _, rest = text.partition(unit)
            return float(f"{whole}.{rest or 0}") * scale
    raise ValueError(f"{value!r} is no capacitance")


class Values:
    """Component values of a board by designator, in ohms and farads."""

    def __init__(self, n: Netlist) -> None:
        self.n = n

    def r(self, ref: str) -> float:
        return ohms(self.n.values[ref])

    def c(self, ref: str) -> float:
        return farads(self.n.values[ref])
