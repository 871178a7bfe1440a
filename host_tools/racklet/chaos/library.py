"""The scenarios that come with racklet, and those in files."""

from pathlib import Path

from racklet.chaos.scenario import LARGEST, Scenario, parse
from racklet.errors import FileProblem, UsageError

_FOLDER = Path(__file__).parent / "scenarios"
_ENDINGS = (".yaml", ".yml")


def built_in() -> dict[str, Scenario]:
    """The scenarios of this package by name."""
    return {path.stem: _read(path) for path in sorted(_FOLDER.glob("*.yaml"))}


def find(word: str) -> Scenario:
    """A scenario by its name, or from the file of that name."""
    known = {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}
    if word in known:
        return _read(known[word])
    if "/" in word or word.endswith(_ENDINGS):
        return _read(Path(word))
    raise UsageError(
        f"there is no scenario {word!r}",
        hint=f"there are {', '.join(known)}; or name a file: ./{word}.yaml",
    )


def _read(path: Path) -> Scenario:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise FileProblem(
            f"cannot read {path}: {error.strerror}", hint="racklet chaos list shows what there is"
        ) from None
    return parse(data, path.stem, str(path))
