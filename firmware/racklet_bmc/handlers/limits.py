"""Settings: as PMBus limits, responses and times, and by number in the settings window.

A command is the setting of the same name in lower case, with the unit appended:
VOUT_OV_WARN_LIMIT is vout_ov_warn_limit_mv.
"""

from racklet_base.handlers.family import Family
from racklet_base.target.guards import Bounds
from racklet_wire import blocks, linear, values
from racklet_wire.commands import COMMANDS, code_of

_SELECT, _WRITE = code_of("SETTING_SELECT"), code_of("SETTING_WRITE")
_SETTING, _NAME = code_of("SETTING"), code_of("SETTING_NAME")
_STORE, _RESTORE = code_of("STORE_USER_ALL"), code_of("RESTORE_USER_ALL")

_UNITS = ("_mv", "_ma", "_mw", "_mc", "_ms")
_US = 1_000  # LINEAR11 counts thousandths, and the unit of a time is already the millisecond


def _nearest(kind: str, value: int) -> int:
    """The nearest value that a format can say."""
    if kind == "linear11":
        return linear.linear11_decode(linear.linear11_encode(value))
    return linear.linear16_decode(linear.linear16_encode(value)) if kind == "linear16" else value


def _scale(name: str) -> int:
    return _US if name[-3:] == "_ms" else 1


class Limits(Family):
    def __init__(self, registers: object, settings: object) -> None:
        self._registers = registers
        self._settings = settings
        self._selected = 0
        self._shown = settings.changes
        names = settings.names()
        numbers = {}  # of a setting, by its name without the unit
        for number, name in enumerate(names):
            numbers[name[:-3] if name[-3:] in _UNITS else name] = number
        codes = {}  # by setting, of what is a command
        rows = []
        for code, name, _, _, kind, _, protection in COMMANDS:
            number = numbers.get(name.lower()) if protection == "limit" else None
            if number is None:
                continue
            setting = names[number]
            scale = _scale(setting)
            low, high, _ = settings.bounds(setting)
            low, high = low * scale, high * scale
            # A bound that the format cannot say exactly is met by the nearest word.
            least, most = min(low, _nearest(kind, low)), max(high, _nearest(kind, high))
            rows.append((code, kind, low, high, least, most))
            codes[setting] = code
        pairs = [(codes[lower], codes[upper]) for lower, upper in settings.order()]
        self._guard = Bounds(registers.replies, rows, pairs)
        self._codes = bytes([row[0] for row in rows])
        self._numbers = bytes([names.index(name) for name in sorted(codes, key=codes.get)])
        self.reads = bytes((_SETTING, _NAME)) + self._codes
        self.writes = bytes((_SELECT, _WRITE, _STORE, _RESTORE)) + self._codes

    def start(self) -> None:
        self._registers.bounds = self._guard
        self._publish_all()

    def refresh(self) -> None:
        """A factory reset changes settings past this family."""
        if self._settings.changes != self._shown:
            self._publish_all()

    def write(self, code: int, data: bytes) -> None:
        settings = self._settings
        if code == _SELECT:
            number = int.from_bytes(data, "little")
            settings.name(number)  # ValueError when there is none
            self._selected = number
            self._show()
        elif code == _WRITE:
            fields = blocks.unpack("SETTING_WRITE", data)
            settings.set(settings.name(fields["number"]), fields["value"])
        elif code == _STORE:
            settings.store()
        elif code == _RESTORE:
            settings.restore()
        else:
            self._set(code, data)

    def _set(self, code: int, data: bytes) -> None:
        """Write a limit."""
        name = self._setting(code)
        scale = _scale(name)
        low, high, _ = self._settings.bounds(name)
        value = (values.decode(code, data) + scale // 2) // scale
        try:
            self._settings.set(name, max(low, min(value, high)))
        finally:
            self._shown = self._settings.changes
            self._publish(code)
            self._show()

    def _setting(self, code: int) -> str:
        return self._settings.name(self._numbers[self._codes.index(bytes((code,)))])

    def _publish_all(self) -> None:
        self._shown = self._settings.changes
        for code in self._codes:
            self._publish(code)
        self._show()

    def _publish(self, code: int) -> None:
        name = self._setting(code)
        value = self._settings.get(name) * _scale(name)
        self._guard.know(code, value)
        self._registers.publish(code, values.encode(code, value))

    def _show(self) -> None:
        """The settings window."""
        settings = self._settings
        name = settings.name(self._selected)
        low, high, default = settings.bounds(name)
        block = blocks.pack(
            "SETTING",
            number=self._selected,
            count=len(settings),
            value=settings.get(name),
            minimum=low,
            maximum=high,
            default=default,
        )
        self._registers.publish(_SETTING, block)
        text = name.encode()[:30]
        self._registers.publish(
            _NAME, blocks.pack("SETTING_NAME", number=self._selected, name=text)
        )
