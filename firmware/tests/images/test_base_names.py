"""What the application takes from the base by name is listed, and numbered: an image says which
base it needs (racklet_wire/suit_manifest.py), and a board that has an older one refuses it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from racklet_wire.suit_manifest import BASE

FIRMWARE = Path(__file__).parents[2]
LIST = Path(__file__).with_name("base_names.txt")
FROZEN = ("racklet_base", "racklet_wire")


def used(source: Path) -> Iterator[str]:
    """`module.name` for every name that a module of the application takes from the base."""
    tree = ast.parse(source.read_text())
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module.partition(".")[0] not in FROZEN:
                continue
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                modules[alias.asname or alias.name] = name
                yield name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            module = modules.get(ast.unparse(node.value))
            if module:
                yield f"{module}.{node.attr}"


def test_every_name_has_the_number_of_the_base_that_brought_it() -> None:
    lines = [line.split() for line in LIST.read_text().splitlines() if not line.startswith("#")]
    known = {name: int(number) for number, name in lines}
    sources = (FIRMWARE / "racklet_bmc").rglob("*.py")
    names = {name for source in sources for name in used(source)}
    new = sorted(names - set(known))
    assert not new, f"add these to {LIST.name}, with the BASE of the next release: {new}"
    assert max(known.values()) == BASE
