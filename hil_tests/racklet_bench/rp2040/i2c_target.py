"""I2C0 as a target on the SMBus: the DesignWare block's slave mode, which rp2040py lacks.

From the RP2040 data sheet, section 4.3: FIFOs of 16, RD_REQ and the clock held until data is
written, a receive FIFO that holds the clock when full, START, RESTART and STOP detection, the
transmit FIFO flushed by TX_ABRT, general call. Not modelled: 10-bit addresses, arbitration,
DMA, bus levels between bits. Not compared with silicon.

The bus side is what `racklet_plant.smbus` calls a target: it says what happens byte by byte,
at the end of each byte's eighth bit. RD_REQ follows a bit later, after the acknowledge.
"""

from collections.abc import Callable
from typing import Any

from rp2040py.irq import IRQ
from rp2040py.peripherals import i2c as dw
from rp2040py.peripherals.i2c import RPI2C

FIRST_DATA_BYTE = 1 << 11  # of IC_DATA_CMD; the receive FIFO is that wide

_CLEARS = {
    dw.IC_CLR_INTR: 0x1FFF & ~dw.R_RESTART_DET,
    dw.IC_CLR_RX_UNDER: dw.R_RX_UNDER,
    dw.IC_CLR_RX_OVER: dw.R_RX_OVER,
    dw.IC_CLR_TX_OVER: dw.R_TX_OVER,
    dw.IC_CLR_RD_REQ: dw.R_RD_REQ,
    dw.IC_CLR_TX_ABRT: dw.R_TX_ABRT,
    dw.IC_CLR_RX_DONE: dw.R_RX_DONE,
    dw.IC_CLR_ACTIVITY: dw.R_ACTIVITY,
    dw.IC_CLR_STOP_DET: dw.R_STOP_DET,
    dw.IC_CLR_START_DET: dw.R_START_DET,
    dw.IC_CLR_GEN_CALL: dw.R_GEN_CALL,
    dw.IC_CLR_RESTART_DET: dw.R_RESTART_DET,
}
# Registers without an effect in this model; they read back what was written.
_STORED = {
    dw.IC_DMA_CR: 0,
    dw.IC_DMA_TDLR: 0,
    dw.IC_DMA_RDLR: 0,
    dw.IC_SDA_SETUP: 0x64,
    dw.IC_SDA_HOLD: 1,
    dw.IC_SLV_DATA_NACK_ONLY: 0,
    dw.IC_ACK_GENERAL_CALL: 1,
}


class TargetI2C(RPI2C):
    """`on_release` is called when the firmware lets go of the clock that it held."""

    def __init__(self, mcu: Any) -> None:
        self._stored = dict(_STORED)
        self._latched = 0  # raw interrupt bits that stay until cleared
        self._addressed = False
        self._reading = False
        self._in_transaction = False
        self._first = False
        self._flushing = False  # the transmit FIFO takes nothing until TX_ABRT is cleared
        self._held = False
        self.bit_ns = 10_000.0
        self.on_release: Callable[[], None] = lambda: None
        super().__init__(mcu, "I2C0", IRQ.I2C0)
        self._request = mcu.clock.create_alarm(self._requested)

    def reset(self) -> None:
        super().reset()
        self._forget()
        self._stored = dict(_STORED)

    def _forget(self) -> None:
        self._latched = 0
        self._addressed = self._reading = self._in_transaction = self._flushing = False
        self._request.cancel()
        self._released()

    @property
    def target_mode(self) -> bool:
        return bool(self.enable & dw.ENABLE) and not (
            self.control & (dw.MASTER_MODE | dw.IC_SLAVE_DISABLE)
        )

    @property
    def attached(self) -> bool:
        """Whether the firmware has put itself on the bus."""
        return self.target_mode

    @property
    def address(self) -> int:
        return int(self.slave_address) & 0x7F

    # --- the bus ------------------------------------------------------------------------

    def start(self, address: int, read: bool) -> bool:
        """START or repeated START and an address byte. True = acknowledged."""
        if not self.target_mode:
            return False
        bits = dw.R_START_DET | dw.R_ACTIVITY
        if self._in_transaction and self._addressed:
            bits |= dw.R_RESTART_DET
        self._in_transaction = True
        general_call = address == 0 and not read and bool(self._stored[dw.IC_ACK_GENERAL_CALL])
        self._addressed = address == self.address or general_call
        self._reading = read
        self._first = True
        self._raise(bits | (dw.R_GEN_CALL if general_call else 0))
        if self._addressed and read:
            if not self._tx_fifo.empty:
                self._flush_transmit()  # left over from an earlier read
            self._request.schedule(self.bit_ns)
        return self._addressed

    def write(self, byte: int) -> bool | None:
        """A byte from the controller. True = acknowledged, None = the clock is held."""
        if not self._addressed:
            return False
        if self._rx_fifo.full:
            if self.control & dw.RX_FIFO_FULL_HLD_CTRL:
                self._held = True
                return None
            self._raise(dw.R_RX_OVER)
            return True
        self._rx_fifo.push(byte | (FIRST_DATA_BYTE if self._first else 0))
        self._first = False
        self._update()
        return True

    def read(self) -> int | None:
        """The next byte for the controller. None = the clock is held."""
        if not self._addressed:
            return 0xFF
        if self._tx_fifo.empty:
            self._held = True
            return None
        self._request.cancel()  # what is wanted is there
        byte = int(self._tx_fifo.pull()) & 0xFF
        self._update()
        return byte

    def ready(self) -> bool:
        """Whether the clock is free again."""
        if not self._addressed:
            return True
        # What let go of it may not have been what is waited for, such as a flush.
        self._held = self._tx_fifo.empty if self._reading else self._rx_fifo.full
        return not self._held

    def ack(self, ack: bool) -> None:
        """How the controller answered the byte just read."""
        if not self._addressed:
            return
        if ack:
            self._request.schedule(self.bit_ns)
            return
        if not self._tx_fifo.empty:
            self._flush_transmit()
        self._raise(dw.R_RX_DONE)

    def stop(self) -> None:
        """STOP."""
        if self.target_mode and (self._addressed or not self.control & dw.STOP_DET_IFADDRESSED):
            self._raise(dw.R_STOP_DET)
        self._addressed = self._in_transaction = False

    def _requested(self) -> None:
        """The controller has acknowledged and wants another byte."""
        if not self._addressed or not self._reading:
            return
        if self._tx_fifo.empty:
            self._raise(dw.R_RD_REQ)

    def _flush_transmit(self) -> None:
        self.abort_source |= dw.ABRT_SLVFLUSH_TXFIFO
        self.abort_source |= self._tx_fifo.item_count << dw.TX_FLUSH_CNT_SHIFT
        self._tx_fifo.reset()
        self._flushing = True
        self._raise(dw.R_TX_ABRT)

    def _released(self) -> None:
        if self._held:
            self._held = False
            self.on_release()

    # --- interrupts ---------------------------------------------------------------------

    def _raise(self, bits: int) -> None:
        self._latched |= bits
        self._update()

    def _update(self) -> None:
        if not self.target_mode:
            return
        raw = self._latched
        if self._rx_fifo.item_count > self.rx_threshold:
            raw |= dw.R_RX_FULL
        if self._tx_fifo.item_count <= self.tx_threshold:
            raw |= dw.R_TX_EMPTY
        self.int_raw = raw
        self.rp2040.set_interrupt(self.irq, bool(raw & self.int_enable))

    # --- registers ------------------------------------------------------------------------

    def read_uint32(self, offset: int) -> int:
        if offset in self._stored:
            return int(self._stored[offset])
        if not self.target_mode:
            if offset in _CLEARS:
                self._latched &= ~_CLEARS[offset]
            return int(super().read_uint32(offset)) if offset != dw.IC_CLR_RESTART_DET else 0
        if offset == dw.IC_DATA_CMD:
            return self._receive()
        if offset in _CLEARS:
            return self._clear(offset)
        value = int(super().read_uint32(offset))
        if offset == dw.IC_STATUS and self._addressed:
            value |= dw.SLV_ACTIVITY | dw.ACTIVITY
        return value

    def _receive(self) -> int:
        if self._rx_fifo.empty:
            self._raise(dw.R_RX_UNDER)
            return 0
        value = int(self._rx_fifo.pull())
        self._update()
        self._released()
        return value

    def _clear(self, offset: int) -> int:
        if offset in (dw.IC_CLR_TX_ABRT, dw.IC_CLR_INTR):
            self._flushing = False
            self.abort_source = 0
        was = int(bool(self._latched & _CLEARS[offset]))
        self._latched &= ~_CLEARS[offset]
        self._update()
        return was

    def write_uint32(self, offset: int, value: int) -> None:
        if offset in self._stored:
            self._stored[offset] = value
        elif offset == dw.IC_INTR_MASK:
            self.int_enable = value & 0x1FFF  # rp2040py does not store it
            if self.target_mode:
                self._update()
            else:
                self.check_interrupts()
        elif offset == dw.IC_DATA_CMD and self.target_mode:
            self._transmit(value & 0xFF)
        elif offset == dw.IC_ENABLE:
            was = self.target_mode
            super().write_uint32(offset, value)
            if was and not self.target_mode:
                self._forget()
                self.rp2040.set_interrupt(self.irq, False)
            elif self.target_mode:
                self._update()
        else:
            super().write_uint32(offset, value)

    def _transmit(self, byte: int) -> None:
        if self._flushing:
            return
        if self._tx_fifo.full:
            self._raise(dw.R_TX_OVER)
            return
        self._tx_fifo.push(byte)
        self._update()
        self._released()
