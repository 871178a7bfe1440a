"""What the Linux kernel's generic `pmbus` driver does to a device, as a test client.

Written from drivers/hwmon/pmbus/pmbus_core.c and pmbus.c of Linux 6.12: the order of the
probe, what counts as "this register exists", how sysfs values come about, and how an alarm is
shown and cleared. It binds as `pmbus`, without a platform-specific driver, to one page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from racklet.bus import Bus, Read, Write
from racklet.errors import BusError
from racklet_wire.pec import crc8

PAGE, CLEAR_FAULTS, WRITE_PROTECT, CAPABILITY, VOUT_MODE = 0x00, 0x03, 0x10, 0x19, 0x20
STATUS_BYTE, STATUS_WORD, STATUS_CML, REVISION = 0x78, 0x79, 0x7E, 0x98
STATUS_VOUT, STATUS_IOUT, STATUS_INPUT, STATUS_TEMPERATURE = 0x7A, 0x7B, 0x7C, 0x7D

_PAGES = 32


class NoDevice(Exception):
    """The driver would not bind (-ENODEV)."""


@dataclass(frozen=True)
class Limit:
    register: int
    attribute: str
    alarm: str = ""
    bits: int = 0  # of the sensor's status register


@dataclass(frozen=True)
class Sensor:
    name: str  # of the sysfs files
    register: int
    status: int
    limits: tuple[Limit, ...]


_SENSORS = (
    Sensor(
        "in1",
        0x88,
        STATUS_INPUT,
        (
            Limit(0x58, "min", "min_alarm", 0x20),
            Limit(0x59, "lcrit", "lcrit_alarm", 0x18),
            Limit(0x57, "max", "max_alarm", 0x40),
            Limit(0x55, "crit", "crit_alarm", 0x80),
            Limit(0xA0, "rated_min"),
            Limit(0xA1, "rated_max"),
        ),
    ),
    Sensor("vcap", 0x8A, 0, ()),
    Sensor(
        "in2",
        0x8B,
        STATUS_VOUT,
        (
            Limit(0x43, "min", "min_alarm", 0x20),
            Limit(0x44, "lcrit", "lcrit_alarm", 0x10),
            Limit(0x42, "max", "max_alarm", 0x40),
            Limit(0x40, "crit", "crit_alarm", 0x80),
            Limit(0xA4, "rated_min"),
            Limit(0xA5, "rated_max"),
        ),
    ),
    Sensor(
        "curr1",
        0x89,
        STATUS_INPUT,
        (
            Limit(0x5D, "max", "max_alarm", 0x02),
            Limit(0x5B, "crit", "crit_alarm", 0x04),
            Limit(0xA2, "rated_max"),
        ),
    ),
    Sensor(
        "curr2",
        0x8C,
        STATUS_IOUT,
        (
            Limit(0x4A, "max", "max_alarm", 0x20),
            Limit(0x4B, "lcrit", "lcrit_alarm", 0x10),
            Limit(0x46, "crit", "crit_alarm", 0x80),
            Limit(0xA6, "rated_max"),
        ),
    ),
    Sensor(
        "power1",
        0x97,
        STATUS_INPUT,
        (Limit(0x6B, "max", "alarm", 0x01), Limit(0xA3, "rated_max")),
    ),
    Sensor(
        "power2",
        0x96,
        STATUS_IOUT,
        (
            Limit(0x31, "cap", "cap_alarm", 0x04),
            Limit(0x6A, "max", "max_alarm", 0x01),
            Limit(0x68, "crit", "crit_alarm", 0x02),
            Limit(0xA7, "rated_max"),
        ),
    ),
    Sensor(
        "temp1",
        0x8D,
        STATUS_TEMPERATURE,
        (
            Limit(0x52, "min", "min_alarm", 0x20),
            Limit(0x53, "lcrit", "lcrit_alarm", 0x10),
            Limit(0x51, "max", "max_alarm", 0x40),
            Limit(0x4F, "crit", "crit_alarm", 0x80),
            Limit(0xC0, "rated_max"),
        ),
    ),
    Sensor("temp2", 0x8E, STATUS_TEMPERATURE, ()),
    Sensor("temp3", 0x8F, STATUS_TEMPERATURE, ()),
)
_BY_REGISTER = {sensor.register: sensor for sensor in _SENSORS}

# The order in which sensors are looked for: first those of the input, then those of a page.
_INPUTS = (0x88, 0x8A, 0x89, 0x97)
_FANS = ((0x3A, (0x90, 0x81)), (0x3D, (0x92, 0x82)))
_TEMPERATURES = (0x8D, 0x8E, 0x8F)


@dataclass
class LinuxPmbus:
    """The driver bound to one address. `has_pec` is whether the adapter can do PEC."""

    bus: Bus
    address: int
    has_pec: bool = True
    trace: list[str] = field(default_factory=list)  # "RB 19", "SB 03", ... in order
    files: dict[str, Callable[[], int]] = field(default_factory=dict)  # sysfs, to read
    limits: dict[str, int] = field(default_factory=dict)  # sysfs, to write: register
    pec: bool = False
    pages: int = 1
    exponent: int = 0
    revision: int = 0
    skip_status_check: bool = False
    _found: list[Sensor] = field(default_factory=list)
    _status: set[int] = field(default_factory=set)  # status registers that exist

    # --- transactions ------------------------------------------------------------------

    def read(self, register: int, size: int) -> int:
        """i2c_smbus_read_byte_data or _word_data, with PEC where it is on."""
        self.trace.append(f"R{'BW'[size - 1]} {register:02X}")
        messages = (
            Write(self.address, bytes([register])),
            Read(self.address, size + self.pec),
        )
        data = self.bus.transfer(messages)[0]
        if self.pec:
            head = bytes([self.address << 1, register, self.address << 1 | 1])
            if crc8(head + data) != 0:
                raise BusError("bad PEC")  # -EBADMSG
        return int.from_bytes(data[:size], "little")

    def write(self, register: int, data: bytes) -> None:
        self.trace.append(f"{['SB', 'WB', 'WW'][len(data)]} {register:02X}")
        message = bytes([register]) + data
        if self.pec:
            message += bytes([crc8(bytes([self.address << 1]) + message)])
        self.bus.transfer([Write(self.address, message)])

    def clear_faults(self) -> None:
        self.write(CLEAR_FAULTS, b"")

    # --- probe ---------------------------------------------------------------------------

    def probe(self) -> "LinuxPmbus":
        """pmbus_do_probe; raises `NoDevice` where the driver would not bind."""
        capability = self._try(CAPABILITY, 1)
        self.pec = bool(capability and capability & 0x80 and self.has_pec)
        word = self._try(STATUS_WORD, 2)
        if word in (None, 0xFFFF) and self._try(STATUS_BYTE, 1) in (None, 0xFF):
            raise NoDevice("PMBus status register not found")
        protect = self._try(WRITE_PROTECT, 1)
        self.skip_status_check = bool(protect and protect & 0xE0)
        self.revision = self._try(REVISION, 1) or 0
        self.clear_faults()
        self._find_pages()
        self._identify_vout()
        self._find_sensors()
        mode = self._try(VOUT_MODE, 1) or 0
        self.exponent = ((mode & 0x1F) ^ 0x10) - 0x10
        self._make_files()
        if not self.files:
            raise NoDevice("no attribute found")
        return self

    def _try(self, register: int, size: int) -> int | None:
        try:
            return self.read(register, size)
        except BusError:
            return None

    def _exists(self, register: int, size: int) -> bool:
        """pmbus_check_register: read it, and see whether the device calls it invalid."""
        found = self._try(register, size) is not None
        if found and not self.skip_status_check:
            word = self._try(STATUS_WORD, 2)
            if word is None or word & 0x02:
                cml = self._try(STATUS_CML, 1)
                found = cml is not None and not cml & 0x80
        self.clear_faults()
        return found

    def _find_pages(self) -> None:
        if not self._exists(PAGE, 1):
            return
        for page in range(1, _PAGES):
            try:
                self.write(PAGE, bytes([page]))
                read_back = self.read(PAGE, 1)
            except BusError:
                break
            if read_back != page:
                break
            self.pages = page + 1
        if self.pages > 1:
            self.write(PAGE, b"\x00")
        self.clear_faults()

    def _identify_vout(self) -> None:
        if not self._exists(VOUT_MODE, 1):
            return
        mode = self._try(VOUT_MODE, 1)
        if mode not in (None, 0xFF) and mode is not None and mode >> 5 > 1:
            raise NoDevice("VOUT_MODE is neither linear nor VID")

    def _find_sensors(self) -> None:
        found = [r for r in _INPUTS if self._exists(r, 2)]
        if found and self._exists(STATUS_INPUT, 1):
            self._status.add(STATUS_INPUT)
        for config, (speed, status) in _FANS:
            if self._exists(config, 1) and self._exists(speed, 2) and self._exists(status, 1):
                raise AssertionError("a fan was found")
        temperatures = [r for r in _TEMPERATURES if self._exists(r, 2)]
        if temperatures and self._exists(STATUS_TEMPERATURE, 1):
            self._status.add(STATUS_TEMPERATURE)
        found += temperatures
        if self._exists(0x8B, 2):
            found.append(0x8B)
            if self._exists(STATUS_VOUT, 1):
                self._status.add(STATUS_VOUT)
        if self._exists(0x8C, 2):
            found.append(0x8C)
        if self._exists(STATUS_IOUT, 1):
            self._status.add(STATUS_IOUT)
        if self._exists(0x96, 2):
            found.append(0x96)
        self._found = [_BY_REGISTER[register] for register in found]

    def _make_files(self) -> None:
        for sensor in self._found:
            self.files[f"{sensor.name}_input"] = partial(self._value, sensor.register)
            for limit in sensor.limits:
                if not self._exists(limit.register, 2):
                    continue
                name = f"{sensor.name}_{limit.attribute}"
                self.files[name] = partial(self._value, limit.register)
                if not limit.attribute.startswith("rated") and not self.skip_status_check:
                    self.limits[name] = limit.register
                if limit.alarm and sensor.status in self._status:
                    alarm = f"{sensor.name}_{limit.alarm}"
                    self.files[alarm] = partial(self._alarm, sensor, limit)

    # --- sysfs -----------------------------------------------------------------------------

    def get(self, name: str) -> int:
        """Read a sysfs file: mV, mA, uW, thousandths of a degree, or 0 and 1."""
        return self.files[name]()

    def set(self, name: str, value: int) -> None:
        """Write a limit, in the units of `get`."""
        register = self.limits[name]
        self.write(register, self._encode(register, value).to_bytes(2, "little"))

    def _value(self, register: int) -> int:
        word = self.read(register, 2)
        if _is_vout(register):
            return word * 1000 >> -self.exponent
        exponent = (word >> 11 ^ 0x10) - 0x10
        value = ((word & 0x7FF ^ 0x400) - 0x400) * 1000
        if _is_power(register):
            value *= 1000
        return value << exponent if exponent >= 0 else value >> -exponent

    def _alarm(self, sensor: Sensor, limit: Limit) -> int:
        """pmbus_get_boolean: read the status register, clear what was seen."""
        bits = self.read(sensor.status, 1) & limit.bits
        if not bits:
            return 0
        if self.revision >= 0x22:
            self.write(sensor.status, bytes([bits]))
        else:
            self.clear_faults()
        if sensor.status != STATUS_TEMPERATURE:
            return 1
        value, bound = self._value(sensor.register), self._value(limit.register)
        return int(value >= bound if limit.attribute in ("max", "crit") else value < bound)

    def _encode(self, register: int, value: int) -> int:
        """pmbus_data2reg_linear."""
        if _is_vout(register):
            return max(0, min(((value << -self.exponent) + 500) // 1000, 0xFFFF))
        if _is_power(register):
            value = (value + 500) // 1000
        if value == 0:
            return 0
        negative, value, exponent = value < 0, abs(value), 0
        while value >= 1_023_000 and exponent < 15:
            exponent += 1
            value >>= 1
        while value < 511_000 and exponent > -15:
            exponent -= 1
            value <<= 1
        mantissa = min((value + 500) // 1000, 0x3FF)
        return (exponent & 0x1F) << 11 | (-mantissa if negative else mantissa) & 0x7FF


def _is_vout(register: int) -> bool:
    return register in (0x40, 0x42, 0x43, 0x44, 0x8B, 0xA4, 0xA5)


def _is_power(register: int) -> bool:
    return register in (0x31, 0x68, 0x6A, 0x6B, 0x96, 0x97, 0xA3, 0xA7)
