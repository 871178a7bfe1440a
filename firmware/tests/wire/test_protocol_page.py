"""The reference page says what the command table says."""

import importlib.util
from pathlib import Path

from racklet_wire.commands import COMMANDS
from racklet_wire.unsupported import UNSUPPORTED

SCRIPT = Path(__file__).parents[3] / "docs" / "generate" / "protocol_page.py"


def _module():
    spec = importlib.util.spec_from_file_location("protocol_page", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_page_is_fresh() -> None:
    module = _module()
    assert module.PAGE.read_text() == module.page(), "run: make gen"


def test_every_code_is_on_the_page() -> None:
    text = _module().page()
    for row in COMMANDS:
        assert f"| {row[0]:02X} | {row[1]} |" in text
    for code, name, reason in UNSUPPORTED:
        assert f"| {code:02X} | {name} | {reason} |" in text
