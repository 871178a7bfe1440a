"""Presence: seated when closed without a break for the settling time, gone at the first opening.

Opening needs no debounce: the hardware clears the latch at once, whatever the reason.
"""

from racklet_base.services.transient import forget
from racklet_wire import events, power

ADMITTED = 3  # the states before it are ABSENT, SETTLING and PROBATION of racklet_wire.power


class Hotplug:
    """`state`, `present`, `insertions` (of this boot), `fru` (dict or None), `fru_error`, `serial`.

    The power service calls sense() with every sample and moves the state; see power.py.
    """

    def __init__(self, clock: object, settings: object, eeprom: object, log: object) -> None:
        self._clock = clock
        self._settings = settings
        self._eeprom = eeprom
        self._log = log
        self._closed_ms = None  # since when presence is closed
        self.state = power.ABSENT
        self.insertions = 0
        self.fru = None
        self.fru_error = ""
        self.serial = ""
        self.identify()

    @property
    def present(self) -> bool:
        return self._closed_ms is not None

    def sense(self, seated: bool) -> bool:
        """Take a sample of the presence pin; whether it has been closed long enough."""
        now = self._clock.ms()
        if not seated:
            self._closed_ms = None
            return False
        if self._closed_ms is None:
            self._closed_ms = now
        return now - self._closed_ms >= self._settings.get("settle_ms")

    def identify(self) -> None:
        """Read the FRU EEPROM. A damaged or absent one leaves `fru` None and says why."""
        from ..drivers import fru  # noqa: PLC0415 - once an insertion

        forget(fru.__name__)
        self.fru = None
        self.serial = ""
        try:
            self.fru = fru.read_fru(self._eeprom)
        except OSError:
            self.fru_error = "EEPROM does not answer"
        except ValueError as error:
            self.fru_error = str(error)
        else:
            self.fru_error = ""
            self.serial = self.fru.get("serial", "")

    def moved(self, state: int) -> None:
        """The power service entered a state."""
        before, self.state = self.state, min(state, ADMITTED)
        if self.state == before:
            return
        if state == power.SETTLING:
            self.insertions += 1
            self._log.append(events.INSERTED)
        elif state == power.PROBATION:
            self.identify()
            self._log.append(events.IDENTIFIED, serial=self.serial, error=self.fru_error)
        elif state == power.ABSENT:
            self._log.append(events.REMOVED, last_gasp=True)
