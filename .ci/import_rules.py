"""Who may import whom, as a check: reads the sources, runs none of them.

Rules are `Rule(where, ...)` rows; the first row whose folder holds a file applies. Prints one
line a breach and exits with 1.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

HARDWARE = {"machine", "rp2"}
_PACKAGES = ("racklet_base", "racklet_bmc")
# Missing on a stock MicroPython, or accepted by its compiler and missing at run time.
HOST_ONLY = {"__future__", "abc", "dataclasses", "enum", "logging", "pathlib", "typing"}
# The parts of the wire that hold constants or plain encodings and that services may share.
_CONSTANTS = frozenset(
    f"racklet_wire.{name}"
    for name in (
        "boot",
        "cbor",
        "events",
        "image",
        "linear",
        "power",
        "status",
        "suit",
        "suit_manifest",
        "key_set",
        "version",
        "waveform",
    )
)


@dataclass(frozen=True)
class Rule:
    """What the files below `where` may import; names are dotted prefixes."""

    where: str
    only: frozenset[str] | None = None  # nothing else (None: anything)
    never: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()  # exceptions from `never`
    lazily: frozenset[str] = frozenset()  # allowed inside functions only


def _names(*names: str) -> frozenset[str]:
    return frozenset(names)


_FIRMWARE = frozenset(HOST_ONLY) | {"racklet", "racklet_plant", "racklet_bench"}
_BASE = _FIRMWARE | {"racklet_bmc"}
_SERVICE = (
    _FIRMWARE
    | HARDWARE
    | {"racklet_wire", "board"}
    | {f"{package}.{room}" for package in _PACKAGES for room in ("hal", "handlers", "target")}
)

RULES = [
    Rule("firmware/tests"),
    Rule("firmware/racklet_wire", only=_names("struct", "racklet_wire")),
    # The frozen base knows nothing of the application that is built on it.
    Rule("firmware/racklet_base/hal", never=_BASE | {"racklet_wire", "racklet_base.services"}),
    Rule("firmware/racklet_base/services", never=_SERVICE | {"racklet_bmc"}, unless=_CONSTANTS),
    Rule(
        "firmware/racklet_base/crypto",
        never=_BASE | HARDWARE | {"racklet_wire", "racklet_base.services"},
    ),
    Rule(
        "firmware/racklet_base/target",
        never=_BASE | HARDWARE | {"racklet_base.services", "racklet_base.hal"},
    ),
    Rule("firmware/racklet_base/handlers", never=_BASE | HARDWARE | {"racklet_base.hal"}),
    Rule("firmware/racklet_base", never=_BASE | HARDWARE, lazily=_names("racklet_bmc")),
    Rule(
        "firmware/racklet_bmc/drivers",
        never=_FIRMWARE | HARDWARE | {"racklet_wire", "board", "racklet_bmc.services"},
    ),
    Rule("firmware/racklet_bmc/services", never=_SERVICE, unless=_CONSTANTS),
    Rule("firmware/racklet_bmc/handlers", never=_FIRMWARE | HARDWARE | {"racklet_base.hal"}),
    Rule("firmware", never=_FIRMWARE | HARDWARE),
    Rule("boards", never=_FIRMWARE),
    Rule("host_tools/tests"),
    # The simulated side of the host, and the only one that may know the plant; the rest
    # reaches it lazily, so that it works where no simulator is installed.
    Rule("host_tools/racklet/virtual", never=_names(*_PACKAGES, "racklet_bench")),
    Rule("host_tools/racklet/demo", never=_names(*_PACKAGES, "racklet_bench")),
    Rule(
        "host_tools/racklet",
        never=_names(
            *_PACKAGES, "racklet_bench", "racklet_plant", "racklet.virtual", "racklet.demo"
        ),
        lazily=_names("racklet.virtual", "racklet.demo"),
    ),
    Rule("hil_tests/racklet_plant", never=_names("racklet", *_PACKAGES, "racklet_bench")),
    Rule("hil_tests/racklet_bench", never=_names(*_PACKAGES)),
    Rule("hil_tests/plant_tests"),
    Rule("hil_tests/chip_tests"),
    Rule("hil_tests", never=_names(*_PACKAGES, "racklet_plant")),
]

# Modules of the virtual board that stand in for built-in ones, by design.
_STAND_INS = "boards/virtual/port"


def matches(module: str, prefixes: frozenset[str]) -> bool:
    return any(module == prefix or module.startswith(prefix + ".") for prefix in prefixes)


def imports(tree: ast.Module, package: str) -> Iterator[tuple[int, str, bool]]:
    """Line, dotted module and whether the import stands inside a function."""
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                parents = parents[: len(parents) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}", id(node) in inside


def breaches(path: Path) -> Iterator[str]:
    """The broken rules of one file, each as `file:line: what`."""
    name = path.relative_to(ROOT).as_posix()
    rule = next((rule for rule in RULES if name.startswith(rule.where + "/")), None)
    if rule is None:
        return
    package = ".".join(path.relative_to(ROOT).parts[1:-1])
    stand_in = name.startswith(_STAND_INS)
    if not stand_in and path.stem in sys.stdlib_module_names and "/tests/" not in name:
        top_level = path.parent.name in ("firmware", "host_tools", "hil_tests", "virtual")
        if top_level:
            yield f"{name}:1: a module with the name of one of the standard library"
    for line, module, lazy in imports(ast.parse(path.read_text(), name), package):
        banned = matches(module, rule.never) and not matches(module, rule.unless)
        if banned and lazy and matches(module, rule.lazily):
            banned = False
        if banned or (rule.only is not None and not matches(module, rule.only)):
            yield f"{name}:{line}: {rule.where} must not import {module}"


def sources() -> Iterator[Path]:
    for room in ("firmware", "boards", "host_tools", "hil_tests"):
        yield from sorted((ROOT / room).rglob("*.py"))


def main() -> int:
    found = [breach for path in sources() for breach in breaches(path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
