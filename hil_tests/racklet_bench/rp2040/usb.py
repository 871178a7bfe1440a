"""The host at the USB port: enumerates the chip and holds its serial port open."""

from collections.abc import Callable
from typing import Any

from rp2040py.usb.cdc import USBCDC

_ANSWER_NS = 1000.0  # from data to the end of a transfer that the device had armed before


class UsbHost:
    """`received` collects what the firmware prints; `write` types.

    rp2040py answers every armed OUT endpoint at once, with an empty packet when it has nothing:
    TinyUSB arms it again, and the firmware drowns in interrupts. A real host sends nothing
    until it has data, and so does this one.
    """

    def __init__(self, mcu: Any, stop: Callable[[], None]) -> None:
        self._cdc = USBCDC(mcu.usb_ctrl)
        self._usb = mcu.usb_ctrl
        self._stop = stop
        self._out = bytearray()
        self._armed: int | None = None
        self.connected = False
        self.received = bytearray()
        self.on_data: Callable[[bytes], None] | None = None
        self._stock_read = self._usb.on_endpoint_read
        self._stock_reset = self._usb.on_reset
        self._usb.on_endpoint_read = self._endpoint_armed
        self._usb.on_reset = self._reset
        self._cdc.on_serial_data = self._data
        self._cdc.on_device_connected = self._enumerated
        self._send = mcu.clock.create_alarm(self._send_armed)

    def write(self, data: bytes) -> None:
        """Send to the firmware's serial port, as fast as it takes it."""
        self._out += data
        if self._armed is not None:
            self._send.schedule(_ANSWER_NS)

    def _endpoint_armed(self, endpoint: int, size: int) -> None:
        if endpoint == 0 or endpoint != self._cdc._out_endpoint:
            self._stock_read(endpoint, size)
            return
        self._armed = size
        if self._out:
            self._send.schedule(_ANSWER_NS)

    def _send_armed(self) -> None:
        if self._armed is None or not self._out:
            return
        data = self._out[: self._armed]
        del self._out[: len(data)]
        self._armed = None
        self._usb.endpoint_read_done(self._cdc._out_endpoint, data)

    def _data(self, data: bytes) -> None:
        self.received += data
        if self.on_data is not None:
            self.on_data(bytes(data))
        self._stop()

    def _enumerated(self) -> None:
        self.connected = True
        self._stop()

    def _reset(self) -> None:
        self.connected = False
        self._armed = None
        self._out.clear()
        self._send.cancel()
        if self._stock_reset:
            self._stock_reset()
