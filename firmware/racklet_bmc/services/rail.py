"""The switched rail: what its pins and the ADC say, and the three ways to move it.

`latch` has `set()`, `clear()` and `q()`; the clear line belongs to PIO, so the firmware's own
"off" goes through the same state machine. `pins` maps net names to objects with `value()`.
"""


class Rail:
    """sample() takes one picture; its attributes hold until the next one.

    Booleans are claims, whatever the level of the pin: `seated`, `latched`, `pin_good`,
    `fault_pin`, `alert_pin`, `halted`. Voltages in mV.
    """

    def __init__(self, latch: object, pins: dict, adc: object) -> None:
        self._latch = latch
        self._pins = pins
        self._adc = adc
        self.seated = self.latched = self.pin_good = False
        self.fault_pin = self.alert_pin = self.halted = False
        self.discharging = False
        self.mv = self.vin_mv = 0
        self.sample()

    def sample(self) -> None:
        pins = self._pins
        self.seated = not pins["PRES_N"].value()
        self.latched = bool(self._latch.q())
        self.pin_good = bool(pins["PG_ALL"].value())
        self.fault_pin = not pins["EF_FLT_N"].value()
        self.alert_pin = not pins["LOC_ALERT_N"].value()
        self.halted = bool(pins["PI_OFF"].value())
        self.mv = self._adc.millivolts("ADC_V5")
        self.vin_mv = self._adc.millivolts("ADC_VIN")

    def voltage(self) -> int:
        """The rail now, for an interrupt: nothing else is sampled."""
        return self._adc.millivolts_now("ADC_V5")

    def arm(self) -> None:
        """Switch on. The hardware refuses while presence is open or a fault pin is low."""
        self._discharge(False)
        self._latch.set()

    def cut(self) -> None:
        """Switch off at once and discharge."""
        self._latch.clear()
        self._discharge(True)
        self.ask_shutdown(False)

    def rest(self) -> None:
        """Off and empty: stop discharging (33 ohm across a rail fed from outside gets hot)."""
        self._discharge(False)

    def ask_shutdown(self, asked: bool) -> None:
        """The compute unit's shutdown button. It also wakes a halted one, so only a pulse."""
        self._pins["SHDN_REQ"].value(1 if asked else 0)

    def _discharge(self, wanted: bool) -> None:
        self.discharging = wanted
        self._pins["DISCHG"].value(1 if wanted else 0)
