"""Presence, and what the FRU EEPROM says about the unit."""

from racklet_base.handlers.family import Family
from racklet_wire import blocks
from racklet_wire.commands import code_of

_HOTPLUG, _INVENTORY = code_of("HOTPLUG"), code_of("INVENTORY")
_SELECT, _DATE, _SERIAL = code_of("INVENTORY_SELECT"), code_of("MFR_DATE"), code_of("MFR_SERIAL")


class Hotplug(Family):
    """`chip_serial` stands for the unit as long as its EEPROM does not say better."""

    reads = (_HOTPLUG, _INVENTORY, _DATE, _SERIAL)
    writes = (_SELECT,)

    def __init__(
        self, registers: object, hotplug: object, slot: int, generation: int, chip_serial: bytes
    ) -> None:
        self._registers = registers
        self._hotplug = hotplug
        self._slot = slot
        self._generation = generation
        self._chip_serial = chip_serial
        self._selected = 0
        self._shown = None

    def refresh(self) -> None:
        hotplug = self._hotplug
        shown = (hotplug.state, hotplug.present, hotplug.insertions, hotplug.fru)
        if shown == self._shown:
            return
        self._shown = shown
        flags = blocks.HOTPLUG_PRESENT if hotplug.present else 0
        if hotplug.fru is not None:
            flags |= blocks.HOTPLUG_FRU
        elif hotplug.fru_error:
            flags |= blocks.HOTPLUG_FRU_BAD
        serial = hotplug.serial or self._chip_serial.hex()
        block = blocks.pack(
            "HOTPLUG",
            state=hotplug.state,
            flags=flags,
            slot=self._slot,
            insertions=hotplug.insertions & 0xFF,
            generation=self._generation,
            serial=serial.encode()[:16],
        )
        self._registers.publish(_HOTPLUG, block)
        self._registers.publish(_SERIAL, serial.encode()[:24])
        made = self._text("date").replace("-", "")[2:] or "000000"  # YYMMDD
        self._registers.publish(_DATE, made.encode())
        self._show()

    def _text(self, field: str) -> str:
        fru = self._hotplug.fru
        return fru.get(field, "") if fru is not None else ""

    def write(self, code: int, data: bytes) -> None:
        if data[0] >= len(blocks.INVENTORY_FIELDS):
            raise ValueError("no such field")
        self._selected = data[0]
        self._show()

    def _show(self) -> None:
        text = self._text(blocks.INVENTORY_FIELDS[self._selected]).encode()[:30]
        block = blocks.pack("INVENTORY", field=self._selected, size=len(text), text=text)
        self._registers.publish(_INVENTORY, block)
