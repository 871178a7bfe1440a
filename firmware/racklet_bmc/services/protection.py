"""Watches the limits of limits.py and answers violations as the settings' response bytes say.

This is the slow, accurate half of the protection, a few times a second on the monitors'
readings. The fast half are the fault pins, which clear the latch without any firmware; the
alert limits of the monitors, which are among them, are set from here.

It also sheds load when the input sags: a unit whose input stays below the warning limit shuts
down, slot 1 first and each further slot `shed_step_ms` later, so that as few as needed go.
"""

from racklet_wire import events, power, status

from .limits import ALWAYS, OUTPUT, violated
from .responses import DELAY, IGNORE, SETTING, WHILE, delay_ms, what

_ON = (power.ON, power.SHUTTING_DOWN)

# A reading is the mean of up to two rounds of the monitor (INA228: 17.6 ms each), so one that
# was taken sooner after the rail came up is partly of the time before.
_ROUNDS_MS = 40


class Protection:
    """To be served after the telemetry, with its period."""

    limit_ms = 2_000

    def __init__(
        self,
        clock: object,
        settings: object,
        *,
        telemetry: object,
        energy: object,
        power_service: object,
        log: object,
        slot: int = 0,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._telemetry = telemetry
        self._energy = energy
        self._power = power_service
        self._log = log
        self._slot = slot
        self._since = {}  # setting of the limit -> when its violation began
        self._lost = set()

    def period_ms(self) -> int:
        return self._telemetry.period_ms()

    def step(self) -> None:
        self._set_alerts()
        since_change_ms = self._telemetry.taken_ms - self._power.changed_ms
        is_on = self._power.state in _ON and since_change_ms >= _ROUNDS_MS
        for row in OUTPUT:
            self._look(row, is_on)
        for row in ALWAYS:
            self._look(row, True)
        self._shed()
        self._resume()
        self._sensors()

    def _set_alerts(self) -> None:
        """The monitors' alert pins trip the latch at the limits in force."""
        get = self._settings.get
        self._energy.set_limits(
            (get("iout_oc_fault_limit_ma"), get("vout_ov_fault_limit_mv")),
            (get("iin_oc_fault_limit_ma"), get("vin_ov_fault_limit_mv")),
        )

    # --- limits ----------------------------------------------------------------------------

    def _look(self, row: "tuple", applies: bool) -> None:
        quantity, limit_name, side, consequence = row
        value = getattr(self._telemetry, quantity)
        limit = self._settings.get(limit_name)
        if not (applies and violated(value, limit, side)):
            self._since.pop(limit_name, None)
            return
        begun = limit_name not in self._since
        since = self._since.setdefault(limit_name, self._clock.ms())
        if isinstance(consequence, tuple):
            register, bits = consequence
            self._power.set_bits(register, bits)
            if begun:
                self._log.append(events.WARNING, limit=limit_name, value=value)
        else:
            self._fault(consequence, since, begun, (limit_name, value))

    def _fault(self, reason: int, since: int, begun: bool, seen: "tuple[str, int]") -> None:
        setting = SETTING[reason]
        response = self._settings.get(setting)
        kind = what(setting, response)
        waited = self._clock.ms() - since
        if kind == IGNORE or (kind == DELAY and waited < delay_ms(response)):
            self._power.note_fault(reason)
            if begun:
                self._log.append(events.WARNING, limit=seen[0], value=seen[1], reason=reason)
        elif self._power.state in _ON:
            self._power.trip(reason)

    # --- shedding and resuming ---------------------------------------------------------------

    def _shed(self) -> None:
        """A sagging input: give up this unit so that others keep running."""
        step_ms = self._settings.get("shed_step_ms")
        since = self._since.get("vin_uv_warn_limit_mv")
        if not step_ms or since is None or self._power.state != power.ON:
            return
        if self._clock.ms() - since >= self._slot * step_ms:
            self._power.set_bits(status.STATUS_INPUT, status.INPUT_OFF_LOW_VIN)
            self._power.shed()

    def _resume(self) -> None:
        """A fault with the response "off while it lasts" that lasts no longer."""
        fault = self._power.fault
        if self._power.state != power.FAULT or fault not in SETTING:
            return
        setting = SETTING[fault]
        if what(setting, self._settings.get(setting)) != WHILE:
            return
        for quantity, limit_name, side, consequence in ALWAYS:
            if consequence == fault:
                value = getattr(self._telemetry, quantity)
                limit = self._settings.get(limit_name)
                # Well on the good side, so that the load itself does not bring it back.
                if value is not None and violated(value, limit - side * limit // 50, -side):
                    self._power.retry()

    # --- sensors -----------------------------------------------------------------------------

    def _sensors(self) -> None:
        """Sensors that stopped answering, and those that came back."""
        lost = self._telemetry.lost
        for name in lost - self._lost:
            self._log.append(
                events.SENSOR_LOST, sensor=name, why=self._telemetry.reasons.get(name, "")
            )
        for name in self._lost - lost:
            self._log.append(events.SENSOR_FOUND, sensor=name)
        if lost:
            self._power.set_bits(status.STATUS_MFR_SPECIFIC, status.MFR_SENSOR_LOST)
        self._lost = set(lost)
