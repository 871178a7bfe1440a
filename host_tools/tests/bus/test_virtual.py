"""The client of the virtual bus, against a socket that answers from a script."""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from racklet.bus import Read, Write, open_bus
from racklet.bus.virtual import VirtualBus
from racklet.errors import (
    Arbitration,
    BadReply,
    BadRequest,
    BusTimeout,
    Nack,
    NotReachable,
    UsageError,
)


class Rack:
    """A socket that answers each request line with the next prepared line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.requests: list[object] = []
        self.replies: list[bytes] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                self.requests.append(json.loads(line))
                if not self.replies:
                    return
                reply = self.replies.pop(0)
                connection.sendall(reply)
                if not reply.endswith(b"\n"):
                    return

    def close(self) -> None:
        self._listener.close()
        self._thread.join(2)


@pytest.fixture
def rack(tmp_path: Path) -> Iterator[Rack]:
    served = Rack(tmp_path / "rack.sock")
    yield served
    served.close()


@pytest.fixture
def bus(rack: Rack) -> Iterator[VirtualBus]:
    opened = VirtualBus(str(rack.path))
    yield opened
    opened.close()


def test_messages_have_the_form_of_the_contract(rack: Rack, bus: VirtualBus) -> None:
    rack.replies = [b'{"reads":["8dca51","0231329a"]}\n']
    reads = bus.transfer([Write(17, b"\x88"), Read(17, 3), Read(18, 2, counted=True)])
    assert reads == [bytes.fromhex("8dca51"), bytes.fromhex("0231329a")]
    assert rack.requests == [
        {
            "msgs": [
                {"addr": 17, "write": "88"},
                {"addr": 17, "read": 3},
                {"addr": 18, "read": 2, "recv_len": True},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b'{"error":"nack","msg":1}\n', Nack),
        (b'{"error":"timeout"}\n', BusTimeout),
        (b'{"error":"arbitration"}\n', Arbitration),
        (b'{"error":"bad request: no"}\n', BadRequest),
        (b'{"reads":["xy"]}\n', BadReply),
        (b'{"reads":3}\n', BadReply),
        (b"[]\n", BadReply),
        (b"nonsense\n", BadReply),
        (b'{"reads":[', NotReachable),
    ],
)
def test_errors_have_their_class(
    rack: Rack, bus: VirtualBus, reply: bytes, error: type[Exception]
) -> None:
    rack.replies = [reply]
    with pytest.raises(error):
        bus.transfer([Write(17)])


def test_nack_says_which_message(rack: Rack, bus: VirtualBus) -> None:
    rack.replies = [b'{"error":"nack","msg":1}\n']
    with pytest.raises(Nack) as caught:
        bus.transfer([Write(17, b"\x88"), Read(17, 3)])
    assert caught.value.msg == 1


def test_a_rack_that_went_away_is_named(rack: Rack, bus: VirtualBus) -> None:
    with pytest.raises(NotReachable, match=str(rack.path)):
        bus.transfer([Write(17)])


def test_no_rack_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotReachable) as caught:
        open_bus(f"virtual:{tmp_path}/none")
    assert "racklet rack" in caught.value.hint


@pytest.mark.parametrize("spec", ["", "virtual", "virtual:", "usb:1", "/dev/i2c-1"])
def test_what_names_no_bus_is_refused(spec: str) -> None:
    with pytest.raises(UsageError):
        open_bus(spec)


def test_no_such_adapter_says_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(NotReachable) as caught:
        open_bus(f"i2c:{tmp_path}/i2c-9")
    assert "ls /dev/i2c" in caught.value.hint
