"""Windows, power-ons, calibration, sensors, one at a time: select an item, read its picture."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks
from racklet_wire.blocks import (
    CHANNELS,
    SENSOR_REASONS,
    SENSORS,
    UNKNOWN_U16,
    UNKNOWN_U32,
    WINDOW_NOW,
)
from racklet_wire.commands import code_of

_SELECT, _MEASURE = code_of("MEASURE_SELECT"), code_of("MEASURE")

_QUANTITIES = blocks.fields("TELEMETRY")[:-1]
_TEMPERATURE_UC = 1_000_000  # TMP1075, LM75 family: 1 degree (SBOS854, section 6.5)


class Measure(Family):
    reads = (_MEASURE,)
    writes = (_SELECT,)

    def __init__(
        self,
        registers: object,
        telemetry: object,
        power_ons: object,
        calibrations: "tuple[object, object]",
        adc_errors: "tuple",
    ) -> None:
        """`calibrations` of input and output; `adc_errors`: (ppm, uV or uA) by ADC channel."""
        self._registers = registers
        self._telemetry = telemetry
        self._power_ons = power_ons
        self._calibrations = calibrations
        self._adc_errors = adc_errors
        self._pages = (self._window, self._power_on, self._calibration, self._sensor)

    def start(self) -> None:
        self.write(_SELECT, bytes(2))

    def write(self, code: int, data: bytes) -> None:
        item, ticket = data[0], data[1]
        page, place = item >> 4, item & 0x0F
        if page >= len(self._pages):
            raise ValueError("no such item")
        picture = self._pages[page](place)
        block = blocks.pack("MEASURE", item=item, ticket=ticket, data=picture)
        self._registers.publish(_MEASURE, block)

    def _window(self, place: int) -> bytes:
        telemetry = self._telemetry
        number = place & ~WINDOW_NOW
        if number >= len(_QUANTITIES):
            raise ValueError("no such quantity")
        window = telemetry.windows[_QUANTITIES[number]]
        values = window.now(telemetry.taken_ms) if place & WINDOW_NOW else window.last
        return _page("WINDOW", values)

    def _power_on(self, place: int) -> bytes:
        records = self._power_ons.records
        return _page("POWER_ON", records[place] if place < len(records) else None)

    def _calibration(self, place: int) -> bytes:
        if place >= len(CHANNELS) + len(self._adc_errors):
            raise ValueError("no such channel")
        if place >= len(CHANNELS):
            ppm, micro = self._adc_errors[place - len(CHANNELS)]
            return _page("CALIBRATION", (0, 0, 0, ppm, micro, 0))
        name = CHANNELS[place]
        if name == "temperature":
            return _page("CALIBRATION", (0, 0, 0, 0, _TEMPERATURE_UC, 0))
        side = self._calibrations[name[1:] == "out"]
        return _page("CALIBRATION", side.channel(name[0]))

    def _sensor(self, place: int) -> bytes:
        if place >= len(SENSORS):
            raise ValueError("no such sensor")
        name, telemetry = SENSORS[place], self._telemetry
        reason = telemetry.reasons.get(name, "")
        return _page("SENSOR", (SENSOR_REASONS.index(reason), telemetry.errors[name]))


def _page(page: str, values: "tuple | list | None") -> bytes:
    """Packed in the order of its fields; zeros when there is nothing to show."""
    if values is None:
        return bytes(blocks.size(page))
    kinds = [kind for kind in blocks.layout(page)[1:] if kind in "iIHB"]
    names = blocks.fields(page)
    fields = {names[i]: _field(kinds[i], value) for i, value in enumerate(values)}
    return blocks.pack(page, **fields)


def _field(kind: str, value: "int | None") -> int:
    if kind == "I":
        return UNKNOWN_U32 if value is None else value & UNKNOWN_U32
    if kind == "H":
        return UNKNOWN_U16 if value is None else min(value, UNKNOWN_U16 - 1)
    return value
