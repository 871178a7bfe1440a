"""The machine behind power_table.py: what its events, guards and actions mean.

A closed loop around the rail: "on" and "off" are what the pins and the ADC measure. The latch
is adopted as found, so a restart of the BMC does not move the rail. Time limits are those of
the settings; the least time between off and on follows from the measured discharge.
"""

from racklet_wire import power

from .diagnosis import BURSTS_MA, SHORT_MV, Evidence, current_ma, diagnose, read_alerts
from .power_ons import PowerOns
from .power_table import ANY, EVENTS_SEEN, START, TABLE

# The hardware arms the fault pin this long after the latch was set (100 k and 100 nF); until
# then its level means nothing, as an eFuse may hold it low while it is shut down.
FAULT_PIN_ARMED_MS = 10
EDGE_MS = 250  # an edge this old has nothing to do with what is seen now
# The latch is held clear for 350 ms after the standby supply came up (MCP130); a command before
# that could not switch on. Counted from the start of the firmware, which is later.
LATCH_RESET_MS = 400
FED_MS = 500  # a rail that is off and so long above its threshold is fed from outside
SAG_MS = 10  # a load step is back in 0.1 ms, and ALERT names an overload within 5 ms

# How long to the next look, by state. Edges of the pins wake the loop earlier.
_PERIOD_MS = {
    power.SETTLING: 10,
    power.TURNING_ON: 2,
    power.SHUTTING_DOWN: 20,
    power.TURNING_OFF: 5,
}
_IDLE_MS = 100
_HASTE_MS = 2  # while a sag is being confirmed


class Sequencer:
    """`state`, `changed_ms`, `fault` (reason of the latched fault, 0 none), `sag_ms` (since when
    the rail is out of its window, None while it is not); of the last time, None until then:
    `rise_ms` and `fall_ms`, how long the rail took, and `inrush_ma`, the highest output current
    seen while it rose. `power_ons` keeps what the latest of them took.

    `monitors` are the output and the input power monitor: their alert flags name a fault.
    """

    def __init__(
        self,
        clock: object,
        settings: object,
        rail: object,
        hotplug: object,
        monitors: "tuple[object, object]",
        *,
        telemetry: object = None,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._rail = rail
        self._hotplug = hotplug
        self._monitors = monitors
        self.state = START
        self._rows_seen = []  # of the table, those of this state that a look can take
        self.changed_ms = clock.ms()
        self.fault = power.R_NONE
        self.rise_ms = self.fall_ms = None
        self.power_ons = PowerOns(clock, monitors, telemetry)
        self.is_moved = False  # a pin, since the last look
        self._seated_long = False
        self._armed_ms = None  # when the latch was set, None while it is not
        self._cut_ms = None  # when it was cleared
        self._due_ms = None  # when to switch on by itself
        self._on_since = None  # when the rail was last found good
        self._alone = False  # no RMC has admitted the unit
        self._pressed_ms = None  # since when the shutdown button is held
        self._halted_ms = None  # since when the compute unit says it is off
        self.sag_ms = None
        self._fed_ms = None  # since when the rail is off and not empty
        self._deadline_ms = None
        # Left by interrupts for the next look: when, and the rail at the first edge of a fault.
        self._edge_ms = self._fault_ms = self._presence_ms = -EDGE_MS
        self._edge_mv = 0

    # --- from soft interrupts ------------------------------------------------------------

    def on_fault_edge(self, net: str = "EF_FLT_N") -> None:
        """This pin fell: keep the rail's voltage of now for the diagnosis.

        The fault pin may be released again as soon as the latch has fallen, so its edge counts.
        """
        now = self._clock.ms()
        if net == "EF_FLT_N":
            self._fault_ms = now
        if now - self._edge_ms >= EDGE_MS:
            self._edge_mv = self._rail.voltage()
            self._edge_ms = now

    def on_presence_edge(self) -> None:
        """Presence moved, be it for microseconds: the latch may have fallen for that reason."""
        self._presence_ms = self._clock.ms()

    # --- the loop --------------------------------------------------------------------------

    def begin(self) -> None:
        """Adopt what is there. Once, at the start."""
        rail = self._rail
        rail.sample()
        if not (rail.latched and rail.seated):
            self._fire("found_off")
        elif self._good():
            self._fire("found_on")
        else:
            self._fire("found_rising")

    def is_called(self) -> bool:
        """Whether a pin has moved or a sag has lasted: a look should come before all else."""
        return self.is_moved or self._sagged()

    def step(self) -> None:
        """One look at the pins, and every transition that follows from it."""
        self.is_moved = False
        self._rail.sample()
        self._seated_long = self._hotplug.sense(self._rail.seated)
        self._watch()
        for _ in TABLE:  # more transitions than rows would be a circle
            if not self._advance():
                break
            self._rail.sample()  # the action has moved it

    @property
    def inrush_ma(self) -> "int | None":
        return self.power_ons.inrush_ma

    def period_ms(self) -> int:
        """Time to the next look."""
        return _HASTE_MS if self.sag_ms is not None else _PERIOD_MS.get(self.state, _IDLE_MS)

    def _watch(self) -> None:
        """Start or stop the clocks of what must last for a while."""
        now = self._clock.ms()
        rail = self._rail
        if not rail.halted:
            self._halted_ms = None
        elif self._halted_ms is None:
            self._halted_ms = now
        if self._armed_ms is None or self._holds():
            self.sag_ms = None
        elif self.sag_ms is None:
            self.sag_ms = now
        if self.state != power.OFF or rail.mv < self._settings.get("empty_mv") * 5 // 4:
            self._fed_ms = None
        elif self._fed_ms is None:
            self._fed_ms = now
        if self.state == power.TURNING_ON and self._armed_ms is not None:
            self.power_ons.rising(current_ma(self._monitors[0]))
        elif self.state == power.ON:
            self.power_ons.watch()
        pressed = self._pressed_ms
        if pressed is not None and now - pressed >= self._settings.get("shutdown_pulse_ms"):
            self._release()

    def _advance(self) -> bool:
        """Take the first row of this state whose event is seen now."""
        for row in self._rows_seen:
            if getattr(self, "_" + row[1])() and self._passes(row):
                self._take(row)
                return True
        return False

    def _passes(self, row: "tuple") -> bool:
        return row[2] is None or getattr(self, "_" + row[2])()

    def _fire(self, event: str) -> bool:
        """Take the row of this state and event; False if the table has none."""
        for row in TABLE:
            if row[1] == event and row[0] == self.state and self._passes(row):
                self._take(row)
                return True
        return False

    def _take(self, row: "tuple") -> None:
        if row[3] is not None:
            getattr(self, "_" + row[3])()
        self._enter(row[4])

    def _enter(self, state: int) -> None:
        before, self.state = self.state, state
        now = self._clock.ms()
        limit = self._limit_ms(state)
        self._deadline_ms = None if limit is None else now + limit
        if state != before:
            self.changed_ms = now
            self._rows_seen = [
                row
                for row in TABLE
                if (row[0] == state or (row[0] == ANY and row[4] != state))
                and row[1] in EVENTS_SEEN  # looked for last: it takes long
            ]
            self._hotplug.moved(state)
            self._entered(before, state)

    def _limit_ms(self, state: int) -> "int | None":
        """How long a state may last before it has `expired`."""
        get = self._settings.get
        if state == power.TURNING_ON:
            if self._armed_ms is None:
                return get("ton_delay_ms") + get("toff_max_warn_limit_ms")
            return get("ton_max_fault_limit_ms")
        if state == power.TURNING_OFF:
            return get("toff_max_warn_limit_ms")
        if state == power.SHUTTING_DOWN:
            return get("shutdown_limit_ms")
        return get("probation_ms") if state == power.PROBATION else None

    def _entered(self, before: int, state: int) -> None:
        """For the service above: called after every change of state."""

    # --- events --------------------------------------------------------------------------

    def _unseated(self) -> bool:
        return not self._rail.seated

    def _seated(self) -> bool:
        return self._rail.seated

    def _settled(self) -> bool:
        return self._seated_long and self._clock.ms() >= LATCH_RESET_MS

    def _tripped(self) -> bool:
        rail = self._rail
        if self._armed_ms is None:
            return False
        if not rail.latched or rail.alert_pin:
            return True
        return rail.fault_pin and self._clock.ms() - self._armed_ms >= FAULT_PIN_ARMED_MS

    def _sagged(self) -> bool:
        return self.sag_ms is not None and self._clock.ms() - self.sag_ms >= SAG_MS

    def _ready(self) -> bool:
        delayed = self._clock.ms() - self.changed_ms >= self._settings.get("ton_delay_ms")
        return delayed and self._rail_empty()

    def _halted(self) -> bool:
        since = self._halted_ms
        delay = self._settings.get("toff_delay_ms")
        return since is not None and self._clock.ms() - since >= delay

    def _empty(self) -> bool:
        return not self._rail.latched and self._rail_empty()

    def _fed(self) -> bool:
        return self._fed_ms is not None and self._clock.ms() - self._fed_ms >= FED_MS

    def _due(self) -> bool:
        return self._due_ms is not None and self._clock.ms() >= self._due_ms

    def _expired(self) -> bool:
        return self._deadline_ms is not None and self._clock.ms() >= self._deadline_ms

    # --- guards --------------------------------------------------------------------------

    def _rail_empty(self) -> bool:
        return self._rail.mv < self._settings.get("empty_mv")

    def _discharging(self) -> bool:
        return self._rail.discharging

    def _unarmed(self) -> bool:
        return self._armed_ms is None

    def _armed(self) -> bool:
        return self._armed_ms is not None

    def _good(self) -> bool:
        rail, get = self._rail, self._settings.get
        in_window = get("power_good_on_mv") <= rail.mv <= get("vout_ov_fault_limit_mv")
        return rail.latched and rail.pin_good and in_window

    def _holds(self) -> bool:
        """Good, or not yet good enough to be missed."""
        if self.state == power.TURNING_ON:
            return True
        rail, get = self._rail, self._settings.get
        in_window = get("power_good_off_mv") <= rail.mv <= get("vout_ov_fault_limit_mv")
        return rail.pin_good and in_window

    # --- actions ---------------------------------------------------------------------------

    def _adopt(self) -> None:
        self._on_since = self._clock.ms()
        self._armed_ms = self._clock.ms() - FAULT_PIN_ARMED_MS

    def _prepare(self) -> None:
        if not self._rail_empty():
            self._cut()
        self.fault = power.R_NONE
        self._due_ms = None
        read_alerts(self._monitors)  # flags of before must not name the next fault

    def _arm(self) -> None:
        self._armed_ms = self._clock.ms()
        self.power_ons.begin()
        self._edge_ms = self._fault_ms = self._presence_ms = self._armed_ms - EDGE_MS
        self._rail.arm()

    def _cut(self) -> None:
        self._rail.cut()
        self._armed_ms = self._pressed_ms = self._due_ms = self.sag_ms = None
        self._cut_ms = self._clock.ms()

    def _rest(self) -> None:
        self._rail.rest()

    def _note_rise(self) -> None:
        self._on_since = self._clock.ms()
        self.rise_ms = self._on_since - self._armed_ms
        self.power_ons.risen()

    def _note_fall(self) -> None:
        self.fall_ms = self._clock.ms() - self._cut_ms
        self._rest()

    def _ask(self) -> None:
        self._pressed_ms = self._clock.ms()
        self._rail.ask_shutdown(True)

    def _release(self) -> None:
        self._pressed_ms = None
        self._rail.ask_shutdown(False)

    def _force(self) -> None:
        self._note(power.R_SHUTDOWN_TIMEOUT)
        self._cut()

    def _trip(self) -> None:
        iout_ma = current_ma(self._monitors[0])
        self._rail.cut()  # before the diagnosis, which takes 5 ms on the chip
        self.fault = self._diagnose(iout_ma)
        self._note(self.fault)
        self._cut()

    def _give_up(self) -> None:
        """Neither good in time, nor (while still unarmed) measured empty."""
        if self._armed_ms is None:
            self.fault = power.R_DISCHARGE_TIMEOUT
        else:
            self.fault = self._diagnose(current_ma(self._monitors[0]))
            if self.fault == power.R_UNDERVOLTAGE:
                bursts = self._rail.mv < SHORT_MV and self.power_ons.mean_ma() >= BURSTS_MA
                self.fault = power.R_SHORT_CIRCUIT if bursts else power.R_POWER_GOOD_TIMEOUT
        self._note(self.fault)
        self._cut()

    def _stay_charged(self) -> None:
        """Something outside feeds the rail: stop heating the discharge resistor."""
        self.fault = power.R_DISCHARGE_TIMEOUT
        self._note(self.fault)
        self._rest()

    def _stay_fed(self) -> None:
        """What is not measured off is not called off, and not switched on by itself."""
        self.fault = power.R_BACK_FED
        self._due_ms = None
        self._note(self.fault)

    def _lose(self) -> None:
        if self._armed_ms is not None:
            self._note(power.R_REMOVED)
        self.fault = power.R_NONE
        self._alone = False
        self._cut()

    def _stand_alone(self) -> None:
        self._alone = True
        self._cut()

    def _note(self, reason: int) -> None:
        """For the service above: a reason to set status bits for."""

    # --- diagnosis -------------------------------------------------------------------------

    def _diagnose(self, iout_ma: int) -> int:
        """`iout_ma` is that of now, or of just before the rail was cut."""
        rail = self._rail
        output_alerts, input_alerts = alerts = read_alerts(self._monitors)
        # While the latch holds and no pin is low, an edge of a moment ago was not this fault.
        is_edge = not rail.latched or rail.fault_pin or rail.alert_pin
        recent = self._clock.ms() - (EDGE_MS if is_edge else 0)
        rising = self.state == power.TURNING_ON
        seen = Evidence(
            mv=self._edge_mv if self._edge_ms > recent else rail.mv,
            vin_mv=rail.vin_mv,
            fault_pin=rail.fault_pin or self._fault_ms > recent,
            latched=rail.latched,
            output_alerts=output_alerts or 0,
            input_alerts=input_alerts or 0,
            iout_ma=max(iout_ma, rising and self.inrush_ma or 0),
            presence_moved=self._presence_ms > recent,
            was_up=self.state in (power.ON, power.SHUTTING_DOWN),
            blind=None in alerts,
        )
        return diagnose(seen, self._settings.get)
