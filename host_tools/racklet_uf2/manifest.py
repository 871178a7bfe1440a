"""firmware/manifest.py, read as MicroPython's build reads it."""

from pathlib import Path


def wanted(manifest: Path, board: Path) -> set[str]:
    """The files of the project that the manifest freezes for one board."""
    names: set[str] = set()

    def freeze(path: str, script: str | tuple[str, ...] = ()) -> None:
        if path.startswith("$(PORT_DIR)"):
            return
        scripts = (script,) if isinstance(script, str) else script
        base = manifest.parent / path.replace("$(BOARD_DIR)", str(board))
        names.update(scripts or (str(file.relative_to(base)) for file in base.rglob("*.py")))

    def package(name: str, files: tuple[str, ...] | None = None) -> None:
        base = manifest.parent
        found = (str(file.relative_to(base)) for file in (base / name).rglob("*.py"))
        names.update(f"{name}/{file}" for file in files) if files else names.update(found)

    def freeze_mpy(_path: str, script: str) -> None:
        names.add(script.removesuffix(".mpy") + ".py")

    verbs = {
        "freeze": freeze,
        "freeze_mpy": freeze_mpy,
        "package": package,
        "include": lambda _path: None,
    }
    exec(manifest.read_text(), verbs)
    return names
