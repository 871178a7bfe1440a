"""A whole BMC behind a controller: real services on fake hardware, handlers, target engine."""

from racklet_base.handlers.boot import Boot
from racklet_base.handlers.dispatcher import Dispatcher
from racklet_base.handlers.identity import Identity
from racklet_base.handlers.images import Images
from racklet_base.handlers.log import Log
from racklet_base.services.start import Start
from racklet_bmc.handlers.console import Console
from racklet_bmc.handlers.energy import Energy
from racklet_bmc.handlers.factory import FactoryReset
from racklet_bmc.handlers.hotplug import Hotplug
from racklet_bmc.handlers.limits import Limits
from racklet_bmc.handlers.measure import Measure
from racklet_bmc.handlers.post import Post
from racklet_bmc.handlers.power import Power
from racklet_bmc.handlers.telemetry import Telemetry
from racklet_bmc.handlers.waveform import Waveform
from racklet_bmc.services import energy, telemetry
from racklet_bmc.services.calibration import Calibration
from racklet_bmc.services.console import Console as ConsoleService
from racklet_bmc.services.factory import FactoryReset as FactoryResetService
from racklet_bmc.services.post import Post as PostReport
from racklet_bmc.services.recorder import Recorder
from racklet_wire import blocks
from racklet_wire.commands import code_of
from racklet_wire.pec import crc8
from tests.fakes.fake_sampler import FakeSampler
from tests.services.service_fakes import Bench, FakePin
from tests.target.controller import Controller

SLOT = 2
SCALES = (6_600, 28_050, 7_885)
SERIAL = bytes.fromhex("e660583883724a2b")
LIMITS = {
    "vin_min_mv": 11_130,
    "vin_max_mv": 21_960,
    "vout_min_mv": 4_750,
    "vout_max_mv": 5_250,
    "iout_max_ma": 5_000,
    "iin_max_ma": 3_020,
    "pin_max_mw": 33_600,
    "pout_max_mw": 25_000,
    "temperature_max_mc": 85_000,
    "ambient_max_mc": 50_000,
    "ambient_min_mc": 0,
}


class FakeTemperature:
    def __init__(self):
        self.mc = 31_500
        self.silent = False

    def probe(self):
        return self.read_mc() > 0

    def read_mc(self):
        if self.silent:
            raise OSError(5)
        return self.mc


class FakeImages:
    """An image service that takes everything and tells what it was asked."""

    def __init__(self):
        self.state = self.reason = self.component = self.transfer_id = 0
        self.received = self.size = self.sequence = 0
        self.running = 0
        self.running_sequence = 7
        self.minimum_sequence = 5
        self.deadline_ms = 0
        self.answer = 0
        self.commands = []
        self.data = b""

    def is_trial(self):
        return False

    def begin(self, component, head_size, size, transfer_id):
        if not self.answer:
            self.component, self.transfer_id = component, transfer_id
            self.size, self.received, self.state = size, 0, 1
        return self.answer

    room = 0  # each chunk is looked at

    def chunk(self, offset, data):
        if offset <= self.received < offset + len(data):
            self.data += bytes(data)[self.received - offset :]
            self.received = offset + len(data)
            return True
        return False

    def command(self, command, transfer_id):
        self.commands.append((command, transfer_id))
        return self.answer


class FakeUart:
    def __init__(self):
        self.incoming = bytearray()
        self.sent = bytearray()
        self.room = 1_000

    def any(self):
        return len(self.incoming)

    def readinto(self, buffer):
        count = min(len(buffer), len(self.incoming))
        buffer[:count] = self.incoming[:count]
        self.incoming = self.incoming[count:]
        return count

    def write(self, data):
        taken = min(self.room, len(data))
        self.sent.extend(data[:taken])
        return taken


ADC_ERRORS = (35_000, 16_000), (43_000, 68_000), (95_000, 19_000)


class Bmc(Controller):
    """`bench` is the hardware and the services; put, get and ask are the bus."""

    def __init__(self):
        super().__init__(0x10 + SLOT)
        bench = self.bench = Bench()
        bench.hardware.seat()
        generation = bench.log.generation
        clock = bench.clock
        self.temperature = FakeTemperature()
        self.telemetry = telemetry.Telemetry(clock, bench.output, bench.input, self.temperature)
        calibrations = (
            Calibration(bench.settings, "in", bench.input, 13_000),
            Calibration(bench.settings, "out", bench.output, 13_000),
        )
        self.telemetry.step()
        self.energy = energy.Energy(
            clock,
            bench.store,
            output=bench.output,
            input_=bench.input,
            limits=LIMITS,
            log=bench.log,
        )
        self.images = FakeImages()
        self.uart = FakeUart()
        self.console = ConsoleService(self.uart)
        self.self_test = PostReport(clock, blocks.SELF_TESTS)
        self.factory = FactoryResetService(clock, FakePin(1), bench.settings, bench.log)
        self.recorder = Recorder(clock, FakeSampler(clock))
        registers = self.registers
        power = Power(registers, bench.power, clock, generation)
        sensors = Telemetry(registers, self.telemetry)
        identity = Identity(
            registers,
            board="virtual",
            slot=SLOT,
            serial=SERIAL,
            firmware=(0, 1, 0),
            build=b"\x12\x34\x56\x78",
            generation=generation,
            limits=LIMITS,
        )
        self.start = Start()
        families = [
            power,
            identity,
            Boot(registers, self.start, generation),
            sensors,
            Energy(registers, self.energy, generation),
            Measure(registers, self.telemetry, bench.power.power_ons, calibrations, ADC_ERRORS),
            Hotplug(registers, bench.hotplug, SLOT, generation, SERIAL),
            Limits(registers, bench.settings),
            Log(registers, bench.log, clock),
            Images(registers, self.images, generation),
            Console(registers, self.console),
            Post(registers, self.self_test, generation),
            FactoryReset(self.factory, generation),
            Waveform(registers, self.recorder, SCALES, FakeSampler.FRAME_US, generation),
        ]
        self.dispatcher = Dispatcher(registers, families, [power, sensors], clock)

    # --- by name ---------------------------------------------------------------------

    def word(self, name):
        reply = self.ask(3, code_of(name))
        self._check(reply, code_of(name))
        return reply[0] | reply[1] << 8

    def byte(self, name):
        reply = self.ask(2, code_of(name))
        self._check(reply, code_of(name))
        return reply[0]

    def data(self, name):
        code = code_of(name)
        size = self.ask(1, code)[0]
        reply = self.ask(size + 2, code)
        self._check(reply, code)
        return reply[1:-1]

    def block(self, name):
        return blocks.unpack(name, self.data(name))

    def write(self, name, *data):
        """With PEC, and done by the event loop."""
        self.put_with_pec(code_of(name), *data)
        self.dispatcher.step()

    def write_block(self, name, **fields):
        data = blocks.pack(name, **fields)
        self.write(name, len(data), *data)

    def _check(self, reply, code):
        head = bytes((self.address << 1, code, self.address << 1 | 1))
        assert crc8(head + reply) == 0, "PEC"
