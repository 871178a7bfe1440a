"""Who is this: Identify, MFR_* texts and ratings, and the constants of PMBus."""

import struct

from racklet_wire import blocks, version
from racklet_wire.commands import code_of

from .family import Family

_CAPABILITY = 0xA0  # PEC, 400 kHz, no alert response address
_REVISION = 0x33  # PMBus 1.3, Part I and II

# Rating -> key of the board's LIMITS.
_RATINGS = {
    "MFR_VIN_MIN": "vin_min_mv",
    "MFR_VIN_MAX": "vin_max_mv",
    "MFR_IIN_MAX": "iin_max_ma",
    "MFR_PIN_MAX": "pin_max_mw",
    "MFR_VOUT_MIN": "vout_min_mv",
    "MFR_VOUT_MAX": "vout_max_mv",
    "MFR_IOUT_MAX": "iout_max_ma",
    "MFR_POUT_MAX": "pout_max_mw",
    "MFR_TAMBIENT_MAX": "ambient_max_mc",
    "MFR_TAMBIENT_MIN": "ambient_min_mc",
    "MFR_MAX_TEMP_1": "temperature_max_mc",
}

_MFR_ID = b"RACKLET"
_FLAGS_AT = 5  # their place in IDENTIFY


class Identity(Family):
    """`board` is its name, `serial` the 8 bytes of the chip, `build` the first 4 of the commit,
    `firmware` (major, minor, patch); `limits` is the table of the board; `flags` are those of
    IDENTIFY, or a function that says what they are now."""

    def __init__(
        self,
        registers: object,
        *,
        board: str,
        slot: int,
        serial: bytes,
        firmware: "tuple[int, int, int]",
        build: bytes,
        generation: int,
        limits: dict,
        flags: "int | callable" = 0,
        revision: int = 1,
        features: int = 0,
    ) -> None:
        self._registers = registers
        self._limits = limits
        self._flags = flags if callable(flags) else lambda: flags
        self._shown = -1  # the flags that are shown
        self._texts = {
            "MFR_ID": _MFR_ID,
            "MFR_MODEL": board.encode()[:24],
            "MFR_REVISION": b"%d.%d.%d" % firmware,
            "MFR_LOCATION": b"bench" if slot == 15 else b"slot %d" % slot,
        }
        numbers = {name: number for number, name in blocks.BOARDS.items()}
        # Without the checks of blocks.pack: 2 ms that the first answer would wait.
        self._identify = bytearray(
            struct.pack(
                blocks.layout("IDENTIFY"),
                version.MIN,
                version.CURRENT,
                *firmware,
                0,
                build,
                numbers.get(board, 0),
                slot,
                revision,
                serial,
                generation,
                features,
            )
        )
        names = ["CAPABILITY", "VOUT_MODE", "PMBUS_REVISION", "IDENTIFY"]
        names += list(self._texts) + [name for name in _RATINGS if _RATINGS[name] in limits]
        self.reads = [code_of(name) for name in names]

    def start(self) -> None:
        from racklet_wire import ein, linear, values  # noqa: PLC0415 - IDENTIFY needs none of it

        publish = self._registers.publish
        publish(code_of("CAPABILITY"), bytes([_CAPABILITY]))
        publish(code_of("VOUT_MODE"), bytes([linear.VOUT_MODE]))
        publish(code_of("PMBUS_REVISION"), bytes([_REVISION]))
        self.refresh()
        for name, text in self._texts.items():
            publish(code_of(name), text)
        self._texts = None  # they are shown, and do not change
        for name, key in _RATINGS.items():
            if key in self._limits:
                publish(code_of(name), values.encode(code_of(name), self._limits[key]))
        for name in ("READ_EIN", "READ_EOUT"):
            self._registers.coefficients[code_of(name)] = ein.COEFFICIENTS

    def refresh(self) -> None:
        flags = self._flags()
        if flags != self._shown:
            self._shown = self._identify[_FLAGS_AT] = flags
            self._registers.publish(code_of("IDENTIFY"), self._identify)
