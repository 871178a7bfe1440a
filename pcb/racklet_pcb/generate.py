"""Write the schematic project of a board.

usage: python -m racklet_pcb.generate BOARD [FOLDER]     FOLDER defaults to pcb/BOARD
"""

import importlib
import sys
from pathlib import Path

from .netlist import of_circuit, to_json
from .project import write_schematic, write_settings, write_tables

PCB = Path(__file__).resolve().parent.parent


def main(argv: list[str]) -> int:
    sys.path.insert(0, str(PCB))
    name = argv[0]
    folder = Path(argv[1]) if len(argv) > 1 else PCB / name
    folder.mkdir(parents=True, exist_ok=True)
    circuit = importlib.import_module(f"{name}.circuit").build()
    write_schematic(circuit, folder)
    (folder / "netlist.json").write_text(to_json(of_circuit(circuit)))
    write_tables(circuit, folder)
    settings(name, folder)
    return 0


def settings(name: str, folder: Path) -> None:
    """The project file alone."""
    write_settings(name, folder, importlib.import_module(f"{name}.rules").RULES)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
