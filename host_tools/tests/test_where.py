"""Which bus is meant when nobody says."""

import os
import socket
import stat
import tempfile

import pytest
from racklet.errors import FileProblem
from racklet.where import default_socket, make_private_folder, resolve_bus


def test_the_option_wins_then_the_environment():
    assert resolve_bus("i2c:/dev/i2c-3", {"RACKLET_BUS": "virtual:/x"}) == "i2c:/dev/i2c-3"
    assert resolve_bus(None, {"RACKLET_BUS": "virtual:/x"}) == "virtual:/x"


def test_a_running_rack_comes_before_the_first_i2c_bus(tmp_path):
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert resolve_bus(None, environ) == "i2c:/dev/i2c-1"
    path = default_socket(environ)
    assert path == tmp_path / "racklet" / "rack.sock"
    make_private_folder(path.parent)
    with socket.socket(socket.AF_UNIX) as rack:
        rack.bind(str(path))
        assert resolve_bus(None, environ) == f"virtual:{path}"


def test_a_socket_in_a_folder_that_others_may_enter_is_not_trusted(tmp_path):
    environ = {"XDG_RUNTIME_DIR": str(tmp_path)}
    path = default_socket(environ)
    make_private_folder(path.parent)
    with socket.socket(socket.AF_UNIX) as rack:
        rack.bind(str(path))
        path.parent.chmod(0o755)
        assert resolve_bus(None, environ) == "i2c:/dev/i2c-1"


def test_a_runtime_folder_that_cannot_be_looked_into_holds_no_rack():
    """As after `su`, which leaves XDG_RUNTIME_DIR as it was; root may look into any but this."""
    assert resolve_bus(None, {"XDG_RUNTIME_DIR": f"/tmp/{'x' * 300}"}) == "i2c:/dev/i2c-1"


def test_without_a_runtime_folder_it_is_a_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert default_socket({}) == tmp_path / f"racklet-{os.getuid()}" / "rack.sock"


def test_the_folder_is_made_for_the_user_alone(tmp_path):
    folder = tmp_path / "a" / "racklet"
    make_private_folder(folder)
    make_private_folder(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_of_others_is_refused(tmp_path):
    folder = tmp_path / "racklet"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(FileProblem, match="open to other users"):
        make_private_folder(folder)
    target = tmp_path / "elsewhere"
    target.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(FileProblem):
        make_private_folder(tmp_path / "link")


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileProblem, match="cannot make"):
        make_private_folder(tmp_path / "file" / "racklet")
