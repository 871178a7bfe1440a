"""Who may serve at a socket path, and what is left there afterwards."""

import socket

import pytest
from racklet.errors import AlreadyRunning, FileProblem
from racklet.virtual.sockets import SocketPlace
from racklet.where import sim_path


def test_nothing_is_left_behind(tmp_path):
    with SocketPlace(tmp_path / "rack.sock") as place:
        listeners = place.listen()
        assert {p.name for p in tmp_path.iterdir()} == {
            "rack.sock",
            "rack.sock.sim",
            "rack.sock.lock",
        }
    for listener in listeners:
        listener.close()
    assert list(tmp_path.iterdir()) == []


def test_no_socket_appears_before_the_rack_is_ready(tmp_path):
    with SocketPlace(tmp_path / "rack.sock"):
        assert [p.name for p in tmp_path.iterdir()] == ["rack.sock.lock"]


def test_a_second_rack_is_refused_even_while_the_first_still_boots(tmp_path):
    path = tmp_path / "rack.sock"
    with (
        SocketPlace(path),
        pytest.raises(AlreadyRunning, match="already running"),
        SocketPlace(path),
    ):
        pass
    with SocketPlace(path):
        pass


def test_a_live_socket_of_another_program_is_respected(tmp_path):
    path = tmp_path / "rack.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(AlreadyRunning), SocketPlace(path):
            pass
        assert path.is_socket()


@pytest.mark.parametrize("name", ["rack.sock", "rack.sock.sim"])
def test_a_stale_socket_is_replaced(tmp_path, name):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / name))
    with SocketPlace(tmp_path / "rack.sock") as place:
        for listener in place.listen():
            listener.close()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    with pytest.raises(FileProblem, match="not a socket"), SocketPlace(path):
        pass
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_over_the_limit_of_the_system_says_the_limit(tmp_path):
    with (
        pytest.raises(FileProblem, match=r"bytes long") as caught,
        SocketPlace(tmp_path / ("x" * 120)),
    ):
        pass
    assert "--socket" in caught.value.hint


def test_the_longest_path_that_is_allowed_works(tmp_path):
    room = 107 - 4 - len(str(tmp_path)) - 1  # sun_path, less ".sim", folder and slash
    if room < 1:
        pytest.skip("the temporary folder of this machine is too deep")
    path = tmp_path / ("x" * room)
    with SocketPlace(path) as place:
        for listener in place.listen():
            listener.close()
        assert path.is_socket()
        assert sim_path(path).is_socket()


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(FileProblem, match="cannot serve"), SocketPlace(tmp_path / "no" / "rack"):
        pass
