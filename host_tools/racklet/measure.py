"""What a BMC has measured over time: windows, power-ons, and how well each channel is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from racklet_wire import blocks
from racklet_wire.waveform import CHANNELS

from racklet.bus import Clock, Target
from racklet.errors import BadReply
from racklet.records import text_of

_TRIES = 3  # at a picture that another client of the same BMC replaced meanwhile
_LOOKS = 20  # until the BMC shows the picture that was asked for
_PAUSE_S = 0.005
_KEPT = 16  # places of a page

QUANTITIES = tuple(blocks.fields("TELEMETRY")[:-1])
_MODULUS = 1 << 32

Fields = dict[str, int]


@dataclass(frozen=True)
class Window:
    """Lowest, highest and mean of a quantity, in its unit; times are ms of the BMC's uptime."""

    quantity: str
    count: int
    lowest: int
    highest: int
    mean: int
    begin_ms: int
    end_ms: int
    lowest_ms: int
    highest_ms: int


@dataclass(frozen=True)
class PowerOn:
    """One power-on. Times but `begin_ms` count from it; None is unknown.

    `rise` is until power good, `inrush` the highest output current meanwhile, `peak_in` the
    highest input current of the first 30 s, `own_mw` what the BMC itself took just before.
    """

    number: int
    begin_ms: int
    rise_ms: int | None
    rise_in_uj: int | None
    rise_out_uj: int | None
    inrush_ma: int | None
    inrush_ms: int | None
    peak_in_ma: int | None
    peak_in_ms: int | None
    own_mw: int | None

    @classmethod
    def of(cls, page: Fields) -> Self:
        known = {name: _known(name, value) for name, value in page.items()}
        return cls(**known)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Calibration:
    """Of a channel (blocks.CHANNELS): what a reading is corrected by, and is then off at most.

    Offset in thousandths and `uncertainty_micro` in millionths of volt, ampere or degree;
    `day` counts from 1970-01-01, 0 is as delivered.
    """

    gain_ppm: int
    offset_milli: int
    day: int
    uncertainty_ppm: int
    uncertainty_micro: int
    clock_ppm: int


@dataclass(frozen=True)
class Sensor:
    """Why it is not believed, None while it is; failed reads since the boot."""

    reason: str | None
    errors: int


class Measures:
    """The items of MEASURE of one target."""

    def __init__(self, target: Target, clock: Clock) -> None:
        self._target = target
        self._clock = clock
        self._ticket = 0

    def windows(self, *, under_way: bool = False) -> list[Window]:
        """The last whole window, or the one under way, of each quantity that has values."""
        uptime_ms = self._target.block("ENERGY")["taken_ms"]
        assert isinstance(uptime_ms, int)
        found = []
        for place, quantity in enumerate(QUANTITIES):
            page = self._page("WINDOW", place + blocks.WINDOW_NOW * under_way)
            if page["count"]:
                page |= {n: _long(page[n], uptime_ms) for n in page if n.endswith("_ms")}
                found.append(Window(quantity, **page))
        return found

    def power_ons(self) -> list[PowerOn]:
        """Those that the BMC remembers since its boot, the latest first."""
        found: list[PowerOn] = []
        for place in range(_KEPT):
            page = self._page("POWER_ON", place)
            if not page["number"]:
                break
            found.append(PowerOn.of(page))
        return found

    def calibrations(self, channels: Sequence[str] = blocks.CHANNELS) -> dict[str, Calibration]:
        """By channel."""
        return {
            name: Calibration(**self._page("CALIBRATION", blocks.CHANNELS.index(name)))
            for name in channels
        }

    def converter(self) -> dict[str, Calibration]:
        """By what the BMC's own converter reads (waveform.CHANNELS); empty where it is not said."""
        places = range(len(blocks.CHANNELS), len(blocks.CHANNELS + blocks.ADC_CHANNELS))
        try:
            pages = [self._page("CALIBRATION", place) for place in places]
        except BadReply:
            return {}  # older firmware
        return dict(zip(CHANNELS, (Calibration(**page) for page in pages), strict=True))

    def sensors(self) -> dict[str, Sensor]:
        """By name."""
        found = {}
        for place, name in enumerate(blocks.SENSORS):
            page = self._page("SENSOR", place)
            reason = text_of(blocks.SENSOR_REASONS, page["reason"]) or None
            found[name] = Sensor(reason, page["errors"])
        return found

    def _page(self, page: str, place: int) -> Fields:
        item = blocks.item(page, place)
        for _ in range(_TRIES):
            self._ticket = self._ticket % 255 + 1
            self._target.write_fields("MEASURE_SELECT", item=item, ticket=self._ticket)
            for _ in range(_LOOKS):
                shown = self._target.block("MEASURE")
                if (shown["item"], shown["ticket"]) == (item, self._ticket):
                    data = shown["data"]
                    assert isinstance(data, bytes)
                    return {k: v for k, v in blocks.unpack(page, data).items() if type(v) is int}
                self._clock.sleep(_PAUSE_S)
        raise BadReply(
            f"address 0x{self._target.address:02X} does not show what was selected (MEASURE)",
            hint="another client reads it at the same time: try again",
        )


def stagger_ms(power_ons: Sequence[PowerOn]) -> int | None:
    """How long to wait between two units so that their inrush does not add up.

    Half as long again as the slowest rise that was seen, in steps of 10 ms; None when none was.
    """
    slowest = max((on.rise_ms for on in power_ons if on.rise_ms is not None), default=None)
    return None if slowest is None else -(-slowest * 3 // 20) * 10


def _known(name: str, value: int) -> int | None:
    unknown = blocks.UNKNOWN_U32 if name.endswith("_uj") else blocks.UNKNOWN_U16
    return None if value == unknown and name not in ("number", "begin_ms") else value


def _long(short_ms: int, uptime_ms: int) -> int:
    """A time modulo 2^32 as the full one, which is not long before `uptime_ms` or just after."""
    return uptime_ms - (uptime_ms - short_ms + _MODULUS // 2) % _MODULUS + _MODULUS // 2
