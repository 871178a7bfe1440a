"""The name that a person gave a unit, among the settings of its BMC: name_1 to name_4."""

from racklet.errors import UsageError
from racklet.settings import Settings

SIZE = 16  # characters
SETTINGS = tuple(f"name_{word}" for word in range(1, 5))
_WORD = 4  # characters in each


def check_name(text: str) -> None:
    """Raises `UsageError` for what is no name: printable ASCII, at most 16 characters."""
    if len(text) > SIZE or not (text.isascii() and (text.isprintable() or not text)):
        raise UsageError(
            f"{text!r} is no name of a unit", hint=f"at most {SIZE} printable ASCII characters"
        )


def read_name(settings: Settings) -> str:
    """ "" while it has none."""
    words = [settings.get(name).to_bytes(_WORD, "big") for name in SETTINGS]
    return b"".join(words).rstrip(b"\x00").decode("ascii", "replace")


def write_name(settings: Settings, text: str) -> None:
    """Put a name in force and keep it; on any refusal the one before stays."""
    check_name(text)
    data = text.encode().ljust(SIZE, b"\x00")
    words = [int.from_bytes(data[at : at + _WORD], "big") for at in range(0, SIZE, _WORD)]
    settings.change(dict(zip(SETTINGS, words, strict=True)))
