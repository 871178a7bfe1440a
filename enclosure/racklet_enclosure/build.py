"""Build the enclosure.

usage: python -m racklet_enclosure.build [--out DIR] [--checks] [--pictures] [--docs] [--verify]

Writes STEP, STL and the rack's STEP to DIR (default build/enclosure). --checks also runs all
checks and writes figures.md; --pictures draws; --docs copies both to docs/enclosure; --verify
builds a second time in a fresh process and compares bytes, and compares the committed figures.
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import REPOSITORY, rules
from .layout import Layout
from .parameters import Refused

DOCS = REPOSITORY / "docs" / "enclosure"


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        lay = rules.require(Layout())
    except Refused as refused:
        print(f"enclosure: {refused}", file=sys.stderr)
        return 1
    second = _start_second_build(options.verify)
    from . import export
    from .assembly import Assembly

    assembly = Assembly(lay)
    written = export.write(assembly, options.out)
    print(f"enclosure: {len(written)} files in {options.out}")
    wrong = _checks(assembly, options) if options.checks or options.docs else []
    if options.pictures or options.docs:
        from . import pictures

        pictures.write(assembly, options.out / "pictures")
    if options.docs:
        _to_docs(options.out)
    if options.verify:
        wrong += _verify(options.out, written, second)
    for text in wrong:
        print(f"enclosure: {text}", file=sys.stderr)
    return bool(wrong)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Build the enclosure.")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "build" / "enclosure")
    for name in ("checks", "pictures", "docs", "verify"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser


def _checks(assembly: object, options: argparse.Namespace) -> list[str]:
    from . import report
    from .checks import everything

    results = list(everything.run(assembly))
    (options.out / "figures.md").write_text(report.figures(assembly, results))
    bad = [text for result in results for text in result.findings]
    print(f"enclosure: {len(results)} checks, {len(bad)} findings")
    return bad


def _to_docs(out: Path) -> None:
    pictures = DOCS / "pictures"
    shutil.rmtree(pictures, ignore_errors=True)
    shutil.copytree(out / "pictures", pictures)
    shutil.copy(out / "figures.md", DOCS / "figures.md")


def _start_second_build(wanted: bool) -> tuple[Path, subprocess.Popen[bytes]] | None:
    """The same build in a fresh process with another hash seed, side by side."""
    if not wanted:
        return None
    folder = Path(tempfile.mkdtemp(prefix="racklet-enclosure-"))
    command = [sys.executable, "-m", __spec__.name, "--out", str(folder)]
    environment = os.environ | {"PYTHONHASHSEED": "12345"}
    return folder, subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def _verify(
    out: Path, written: list[Path], second: tuple[Path, subprocess.Popen[bytes]]
) -> list[str]:
    folder, process = second
    wrong = []
    if process.wait(timeout=600):
        wrong.append("the second build failed")
    else:
        wrong += different(out, folder, [path.relative_to(out) for path in written])
    shutil.rmtree(folder)
    committed = DOCS / "figures.md"
    if not committed.exists() or committed.read_text() != (out / "figures.md").read_text():
        wrong.append(f"{committed.relative_to(REPOSITORY)} is stale: run `make enclosure-docs`")
    return wrong


def different(one: Path, two: Path, names: list[Path]) -> list[str]:
    """Files that are not byte-identical in two builds."""
    return [
        f"{name} differs between two builds"
        for name in names
        if not (two / name).exists() or not filecmp.cmp(one / name, two / name, shallow=False)
    ]


if __name__ == "__main__":
    sys.exit(main())
