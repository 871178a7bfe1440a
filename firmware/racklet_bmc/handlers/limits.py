"""Settings: as PMBus limits, responses and times, and by number in the settings window.

A command is the setting of the same name in lower case, with the unit appended:
VOUT_OV_WARN_LIMIT is vout_ov_warn_limit_mv.
"""

from racklet_base.target.guards import Allowed, Linear11, Linear16, Order, Ordered
from racklet_wire import blocks, linear, values
from racklet_wire.commands import COMMANDS, code_of

_SELECT, _WRITE = code_of("SETTING_SELECT"), code_of("SETTING_WRITE")
_SETTING, _NAME = code_of("SETTING"), code_of("SETTING_NAME")
_STORE, _RESTORE = code_of("STORE_USER_ALL"), code_of("RESTORE_USER_ALL")

_UNITS = ("_mv", "_ma", "_mw", "_mc", "_ms")
_US = 1_000  # LINEAR11 counts thousandths, and the unit of a time is already the millisecond


def _nearest11(milli: int) -> int:
    return linear.linear11_decode(linear.linear11_encode(milli))


def _nearest16(mv: int) -> int:
    return linear.linear16_decode(linear.linear16_encode(mv))


# Format -> (the nearest value that it can say, its guard).
_FORMATS = {"linear11": (_nearest11, Linear11), "linear16": (_nearest16, Linear16)}


class Limits:
    def __init__(self, registers: object, settings: object) -> None:
        self._registers = registers
        self._settings = settings
        self._names = settings.names()
        self._selected = 0
        self._shown = settings.changes
        self._rows = {}  # code -> (setting, format, scale)
        codes = {}  # setting -> code
        named = {}  # a setting without its unit -> with it
        for name in self._names:
            named[name[:-3] if name[-3:] in _UNITS else name] = name
        for code, name, _, _, kind, _, protection in COMMANDS:
            setting = named.get(name.lower()) if protection == "limit" else None
            if setting is not None:
                self._rows[code] = (setting, kind, _US if setting[-3:] == "_ms" else 1)
                codes[setting] = code
        pairs = [[codes[name] for name in pair] for pair in settings.order()]
        ordered = sorted({code for pair in pairs for code in pair})
        self._order = Order(registers.replies, bytes(ordered))
        self._places = places = {code: i for i, code in enumerate(ordered)}
        self._pairs = [[places[code] for code in pair] for pair in pairs]
        self.reads = [_SETTING, _NAME] + list(self._rows)
        self.writes = {
            _SELECT: self._select,
            _WRITE: self._write,
            _STORE: self._store,
            _RESTORE: self._restore,
        }
        for code in self._rows:
            self.writes[code] = self._limit_writer(code)

    def start(self) -> None:
        for code, (name, kind, scale) in self._rows.items():
            low, high, _ = self._settings.bounds(name)
            if kind == "bits":
                guard = Allowed(bytes(range(low, high + 1)))
            else:
                # A bound that the format cannot say exactly is met by the nearest word.
                nearest, kind_of = _FORMATS[kind]
                low, high = low * scale, high * scale
                guard = kind_of(min(low, nearest(low)), max(high, nearest(high)))
            if code in self._places:
                guard = self._ordered(guard, (low, high), self._places[code])
            self._registers.guards[code] = guard
        self._publish_all()

    def refresh(self) -> None:
        """A factory reset changes settings past this family."""
        if self._settings.changes != self._shown:
            self._publish_all()

    def _ordered(self, guard: object, bounds: "tuple[int, int]", own: int) -> Ordered:
        """A limit that contradicts another is refused at once, and never shown."""
        below = bytes([lower for lower, upper in self._pairs if upper == own])
        above = bytes([upper for lower, upper in self._pairs if lower == own])
        return Ordered(guard, bounds, self._order, own, below, above)

    def _publish_all(self) -> None:
        self._shown = self._settings.changes
        for code in self._rows:
            self._publish(code)
        self._show()

    def _publish(self, code: int) -> None:
        name, _, scale = self._rows[code]
        value = self._settings.get(name)
        if code in self._places:
            self._order.known[self._places[code]] = value
        self._registers.publish(code, values.encode(code, value * scale))

    def _show(self) -> None:
        """The settings window."""
        name = self._names[self._selected]
        low, high, default = self._settings.bounds(name)
        block = blocks.pack(
            "SETTING",
            number=self._selected,
            count=len(self._names),
            value=self._settings.get(name),
            minimum=low,
            maximum=high,
            default=default,
        )
        self._registers.publish(_SETTING, block)
        text = name.encode()[:30]
        self._registers.publish(
            _NAME, blocks.pack("SETTING_NAME", number=self._selected, name=text)
        )

    def _limit_writer(self, code: int) -> "callable":
        name, _, scale = self._rows[code]

        def write(data: bytes) -> None:
            low, high, _ = self._settings.bounds(name)
            value = (values.decode(code, data) + scale // 2) // scale
            try:
                self._settings.set(name, max(low, min(value, high)))
            finally:
                self._shown = self._settings.changes
                self._publish(code)
                self._show()

        return write

    def _select(self, data: bytes) -> None:
        number = int.from_bytes(data, "little")
        if number >= len(self._names):
            raise ValueError("no such setting")
        self._selected = number
        self._show()

    def _write(self, data: bytes) -> None:
        fields = blocks.unpack("SETTING_WRITE", data)
        if fields["number"] >= len(self._names):
            raise ValueError("no such setting")
        self._settings.set(self._names[fields["number"]], fields["value"])

    def _store(self, data: bytes) -> None:
        self._settings.store()

    def _restore(self, data: bytes) -> None:
        self._settings.restore()
