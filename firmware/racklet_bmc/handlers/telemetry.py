"""What the sensors read: READ_* words and the exact block of the same moment."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks, values
from racklet_wire import status as s
from racklet_wire.commands import code_of

_WORDS = {
    "READ_VIN": "vin_mv",
    "READ_IIN": "iin_ma",
    "READ_PIN": "pin_mw",
    "READ_VOUT": "vout_mv",
    "READ_IOUT": "iout_ma",
    "READ_POUT": "pout_mw",
    "READ_TEMPERATURE_1": "temperature_mc",
}
_WORD_CODES = tuple([(code_of(name), field) for name, field in _WORDS.items()])
_BLOCK = code_of("TELEMETRY")


class Telemetry(Family):
    """Also a source of status bits: a sensor that does not answer."""

    reads = tuple([_BLOCK] + [code for code, _ in _WORD_CODES])

    def __init__(self, registers: object, telemetry: object) -> None:
        self._registers = registers
        self._telemetry = telemetry
        self._taken_ms = -1

    def refresh(self) -> None:
        telemetry = self._telemetry
        if telemetry.taken_ms == self._taken_ms:
            return
        self._taken_ms = telemetry.taken_ms
        readings = {"taken_ms": telemetry.taken_ms & 0xFFFFFFFF}
        for code, field in _WORD_CODES:
            value = getattr(telemetry, field)
            if value is None:
                readings[field] = blocks.UNKNOWN
                self._registers.withdraw(code)
                continue
            readings[field] = value
            if field == "vout_mv" and value < 0:
                value = 0  # LINEAR16 has no sign; a monitor at 0 V may read a little below
            self._registers.publish(code, values.encode(code, value))
        self._registers.publish(_BLOCK, blocks.pack("TELEMETRY", **readings))

    def status_bits(self) -> "dict[int, int]":
        return {s.STATUS_MFR_SPECIFIC: s.MFR_SENSOR_LOST if self._telemetry.lost else 0}

    def clear_status(self, code: int, bits: int) -> None:
        pass
