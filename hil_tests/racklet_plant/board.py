"""The board's own table (boards/NAME/board.py), read as literals and never executed."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import PlantError
from .sources import source_root


@dataclass(frozen=True)
class Board:
    """`pins`: net -> GPIO; `devices`: parts on the local bus; `adc`: channel -> net and scale."""

    name: str
    pins: dict[str, int]
    devices: list[dict[str, Any]]
    adc: dict[int, dict[str, Any]]
    limits: dict[str, int]
    flash: dict[str, Any]  # size, and (start, length) of every region

    def device(self, name: str) -> dict[str, Any]:
        return next(d for d in self.devices if d["name"] == name)


def load_board(board: str | Path = "bmc_rp2040_r1") -> Board:
    """Read a board by name, or from the path of its board.py.

    Raises PlantError when there is no such table or a part of it is missing.
    """
    path = board if isinstance(board, Path) else source_root() / "boards" / board / "board.py"
    try:
        tree = ast.parse(path.read_text("utf-8"), str(path))
        table = {
            target.id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        return Board(
            name=table["NAME"],
            pins=table["PINS"],
            devices=table["DEVICES"],
            adc=table["ADC"],
            limits=table["LIMITS"],
            flash=table["FLASH"],
        )
    except OSError as e:
        raise PlantError(f"no board table at {path}") from e
    except (SyntaxError, ValueError, KeyError) as e:
        raise PlantError(f"{path} is not a board table: {e}") from e
