"""The two sockets of a virtual rack, as tools outside the project see them.

The world and its bus are doubles that record; the loop is turned by hand and its clock stands
until a test moves it.
"""

import json
import socket
import stat

import pytest
from racklet.bus import Read, Write
from racklet.errors import Arbitration, BusTimeout, Nack
from racklet.virtual.requests import MAX_LINE
from racklet.virtual.server import Server
from racklet.virtual.sim_service import ControlRefused
from racklet.virtual.sockets import SocketPlace
from racklet.where import sim_path


class RecordingWorld:
    def __init__(self):
        self.now_ns = 0
        self.controls = []

    def run_until(self, plant_ns):
        self.now_ns = max(self.now_ns, plant_ns)

    def next_deadline_ns(self):
        return self.now_ns  # never wait in a test

    def control(self, name, /, **arguments):
        if name == "short":
            raise ControlRefused("slot 9: this rack has slots 1-5")
        self.controls.append((name, arguments))
        return {"slots": 5}


class RecordingBus:
    """Acknowledges address 17 only; a read yields 1, 2, 3 ..."""

    def __init__(self):
        self.log = []
        self.fault = None

    def transfer(self, messages):
        if self.fault:
            raise self.fault
        self.log.append(messages)
        lengths = [m.size for m in messages if isinstance(m, Read)]
        return [bytes(i % 256 for i in range(1, n + 1)) for n in lengths]

    def start(self, address, read):
        self.log.append(("start", address, read))
        return address == 17

    def write(self, byte):
        self.log.append(("write", byte))
        if self.fault:
            raise self.fault
        return True

    def read(self, acknowledge):
        self.log.append(("read", acknowledge))
        return 18

    def stop(self):
        self.log.append("stop")


class Bench:
    def __init__(self, path):
        self.path = path
        self.wall_s = 0.0
        self.world = RecordingWorld()
        self.bus = RecordingBus()
        self.place = SocketPlace(path)
        self.place.__enter__()
        self.server = Server(self.world, self.bus, self.place.listen(), lambda: self.wall_s)
        self.clients = []

    def connect(self, path=None):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(str(path or self.path))
        client.setblocking(False)
        self.clients.append(client)
        return client

    def send(self, client, line):
        """Send as bytes arrive in life: in pieces, the server turning in between."""
        data = (line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n"
        while data:
            data = data[client.send(data) :]
            self.server.turn()

    def reply(self, client, turns=20):
        """The next reply, or None when none comes."""
        data = b""
        for _ in range(turns):
            self.server.turn()
            try:
                data += client.recv(1 << 20)
            except BlockingIOError:
                continue
            if data.endswith(b"\n"):
                return json.loads(data)
        return None

    def ask(self, client, line):
        self.send(client, line)
        return self.reply(client)

    def close(self):
        for client in self.clients:
            client.close()
        self.server._bus_lines.close()
        self.server._sim_lines.close()
        self.place.__exit__(None, None, None)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path / "rack.sock")
    yield bench
    bench.close()


READ_VIN = {"msgs": [{"addr": 17, "write": "88"}, {"addr": 17, "read": 3}]}
START = {"op": "start", "addr": 17, "read": False}


def test_a_transaction_is_carried_out_and_answered_in_hex(bench):
    assert bench.ask(bench.connect(), READ_VIN) == {"reads": ["010203"]}
    assert bench.bus.log == [(Write(17, b"\x88"), Read(17, 3))]


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        (Nack(0), {"error": "nack", "msg": 0}),
        (BusTimeout("late"), {"error": "timeout"}),
        (Arbitration("lost"), {"error": "arbitration"}),
    ],
)
def test_faults_of_the_bus_are_answers(bench, fault, reply):
    bench.bus.fault = fault
    client = bench.connect()
    assert bench.ask(client, READ_VIN) == reply
    assert bench.ask(client, {"op": "stop"}) == {}


def test_a_bad_line_is_answered_and_the_connection_lives_on(bench):
    client = bench.connect()
    assert bench.ask(client, b"nonsense")["error"].startswith("bad request: ")
    assert bench.ask(client, READ_VIN) == {"reads": ["010203"]}


def test_a_line_of_64_kib_is_served_and_a_longer_one_skipped_to_its_end(bench):
    client = bench.connect()
    longest = json.dumps(READ_VIN).encode().ljust(MAX_LINE)
    assert bench.ask(client, longest) == {"reads": ["010203"]}
    assert bench.ask(client, b"x" * (MAX_LINE + 1))["error"].startswith("bad request: ")
    assert bench.reply(client, turns=3) is None
    assert bench.ask(client, b"x" * (5 * MAX_LINE))["error"].startswith("bad request: ")
    assert bench.reply(client, turns=3) is None
    assert bench.ask(client, READ_VIN) == {"reads": ["010203"]}


def test_single_steps_with_a_repeated_start(bench):
    client = bench.connect()
    assert bench.ask(client, START) == {"ack": True}
    assert bench.ask(client, {"op": "write", "byte": 136}) == {"ack": True}
    assert bench.ask(client, {"op": "start", "addr": 17, "read": True}) == {"ack": True}
    assert bench.ask(client, {"op": "read", "ack": False}) == {"byte": 18}
    assert bench.ask(client, {"op": "stop"}) == {}
    assert bench.bus.log[-1] == "stop"
    assert bench.ask(client, {"op": "start", "addr": 99, "read": False}) == {"ack": False}


def test_steps_out_of_order_are_bad_requests(bench):
    client = bench.connect()
    assert "start first" in bench.ask(client, {"op": "write", "byte": 1})["error"]
    bench.ask(client, START)
    assert "direction" in bench.ask(client, {"op": "read", "ack": True})["error"]
    assert "stop it first" in bench.ask(client, READ_VIN)["error"]
    assert bench.ask(client, {"op": "write", "byte": 1}) == {"ack": True}


def test_others_wait_while_one_client_owns_the_bus(bench):
    one, other = bench.connect(), bench.connect()
    bench.ask(one, START)
    assert bench.ask(other, READ_VIN) is None
    assert bench.ask(one, {"op": "stop"}) == {}
    assert bench.reply(other) == {"reads": ["010203"]}


def test_a_silent_owner_is_stopped_after_a_second_and_told_so(bench):
    one, other = bench.connect(), bench.connect()
    bench.ask(one, START)
    bench.ask(other, READ_VIN)
    bench.wall_s = 0.999
    assert bench.reply(other) is None
    bench.wall_s = 1.0
    assert bench.reply(other) == {"reads": ["010203"]}
    assert bench.bus.log[1] == "stop"
    assert bench.ask(one, {"op": "write", "byte": 1}) == {"error": "timeout"}
    assert bench.ask(one, START) == {"ack": True}


def test_a_closed_connection_is_a_stop(bench):
    one, other = bench.connect(), bench.connect()
    bench.ask(one, START)
    bench.ask(other, READ_VIN)
    one.close()
    assert bench.reply(other) == {"reads": ["010203"]}
    assert bench.bus.log[1] == "stop"


def test_a_client_that_shuts_its_sending_half_still_gets_its_replies(bench):
    client = bench.connect()
    client.sendall(json.dumps(READ_VIN).encode() + b"\n" + b'{"op":"stop"}\nhalf a li')
    client.shutdown(socket.SHUT_WR)
    client.setblocking(True)
    client.settimeout(5)
    for _ in range(10):
        bench.server.turn()
    assert client.makefile().read() == '{"reads":["010203"]}\n{}\n'


def test_replies_that_nobody_takes_hold_up_only_their_client(bench):
    greedy, other = bench.connect(), bench.connect()
    most = json.dumps({"msgs": [{"addr": 17, "read": 8192}] * 42}).encode() + b"\n"
    for _ in range(3):
        greedy.sendall(most)
    assert bench.ask(other, READ_VIN) is not None
    seen = 0
    for _ in range(400):
        bench.server.turn()
        try:
            seen += greedy.recv(1 << 20).count(b"\n")
        except BlockingIOError:
            continue
    assert seen == 3


def test_controls_go_to_the_second_socket(bench):
    client = bench.connect(sim_path(bench.path))
    assert bench.ask(client, {"control": "insert", "slot": 2}) == {"result": {"slots": 5}}
    assert bench.world.controls == [("insert", {"slot": 2})]
    assert bench.ask(client, {"control": "short", "slot": 9}) == {
        "error": "slot 9: this rack has slots 1-5"
    }
    assert bench.ask(client, {"slot": 2})["error"].startswith("bad request: ")


def test_controls_work_while_someone_holds_the_bus(bench):
    bench.ask(bench.connect(), START)
    assert "result" in bench.ask(bench.connect(sim_path(bench.path)), {"control": "insert"})


def test_the_world_keeps_pace_with_the_wall(bench):
    bench.wall_s = 0.1
    bench.server.turn()
    assert bench.world.now_ns == 100_000_000


def test_a_machine_that_slept_does_not_owe_the_world_its_sleep(bench):
    bench.wall_s = 3600.0
    bench.server.turn()
    assert bench.world.now_ns == 250_000_000


def test_clients_cannot_push_the_world_far_ahead_of_the_wall(bench):
    client = bench.connect()
    bench.world.now_ns = 30_000_000
    assert bench.ask(client, READ_VIN) is None
    bench.wall_s = 0.03
    assert bench.reply(client) == {"reads": ["010203"]}


def test_both_sockets_are_for_the_user_alone(bench):
    for path in (bench.path, sim_path(bench.path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
