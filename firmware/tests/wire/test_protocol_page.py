"""The reference page says what the command table says."""

from pathlib import Path

from racklet_wire.commands import COMMANDS
from racklet_wire.unsupported import UNSUPPORTED

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "protocol.md"


def test_every_code_is_on_the_page() -> None:
    text = PAGE.read_text()
    for row in COMMANDS:
        assert f"| {row[0]:02X} | {row[1]} |" in text
    for code, name, reason in UNSUPPORTED:
        assert f"| {code:02X} | {name} | {reason} |" in text
