"""The few registers that the firmware reads directly (RP2040 data sheet sections 4.3.17, 4.7.6)."""

from link import link

from .system import scratch_path

_I2C_BASE = (0x40044000, 0x40048000)
_IC_RAW_INTR_STAT = 0x34
_IC_STATUS = 0x70
_IC_CLR_RESTART_DET = 0xA8
_RESTART_DET = 1 << 12
_SLV_ACTIVITY = 1 << 6
_WATCHDOG_REASON = 0x40058008
_SCRATCH0 = 0x4005800C

restart_detected = [False, False]  # of each I2C block


class _Mem32:
    """`machine.mem32`; an address that is not modelled raises, so that nothing is invented."""

    def __init__(self) -> None:
        self._scratch = open(scratch_path(), "r+b")

    def __getitem__(self, address: int) -> int:
        for block, base in enumerate(_I2C_BASE):
            if address == base + _IC_RAW_INTR_STAT:
                return _RESTART_DET if restart_detected[block] else 0
            if address == base + _IC_STATUS:
                return _SLV_ACTIVITY if link.call("i2c_target_active", block) else 0
            if address == base + _IC_CLR_RESTART_DET:
                restart_detected[block] = False
                return 0
        if address == _WATCHDOG_REASON:
            return link.call("watchdog_reason")
        self._seek(address)
        return int.from_bytes(self._scratch.read(4), "little")

    def __setitem__(self, address: int, value: int) -> None:
        self._seek(address)
        self._scratch.write((value & 0xFFFFFFFF).to_bytes(4, "little"))

    def _seek(self, address: int) -> None:
        """To a scratch word: they are a file, which outlives the process as they a reset."""
        offset = address - _SCRATCH0
        if offset & 3 or not 0 <= offset < 32:
            raise NotImplementedError(f"register {address:#x} is not modelled")
        self._scratch.seek(offset)


mem32 = _Mem32()
