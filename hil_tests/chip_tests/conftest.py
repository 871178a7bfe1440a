"""Tests of the emulated chip and of what only runs there: with `--bench rp2040` only."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite("racklet_bench.rp2040.loaded_bus")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without the bench its emulator need not be installed, so nothing here is imported."""
    return None if config.getoption("--bench") == "rp2040" else True
