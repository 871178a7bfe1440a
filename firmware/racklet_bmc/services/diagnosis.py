"""Which fault was it? Evidence in, the reason of racklet_wire.power out.

A short circuit and an overload look alike on the fault pin. The rail tells them apart: with a
short it is gone within microseconds, otherwise it falls through the discharge resistor and
the load, milliseconds long. So the voltage is taken by the interrupt of the fault pin.

The eFuse opens by itself, before any monitor has measured too much, for a short circuit
between it and the regulator (or for its own heat). The rail behind it then still stands, or,
while it rises, has seen no current yet.

The regulator limits a short by itself: it gives up after 128 cycles (256 us) and tries again
96 ms later (LMR51450 data sheet SLUSEP7), too little for the eFuse and over before the next look
at the current. A rail that was up has collapsed; of one that never rises, the charge tells that
the regulator tried.
"""

from racklet_wire import power, status

from ..drivers.ina228 import ALERT_OVER_CURRENT, ALERT_OVER_VOLTAGE

SHORT_MV = 1_000  # below this right after the fault, or with current flowing: a short circuit
SHORT_MA = 100  # a compute unit draws nothing from so low a rail
BURSTS_MA = 4  # mean of bursts of 5 A: 13; a power monitor is 0.2 off


_VIN_LOW = status.INPUT_VIN_UV_FAULT | status.INPUT_OFF_LOW_VIN


def _of(register: int, bits: int) -> int:
    return register << 8 | bits


# Reason -> register (upper byte) and the bits of it that the reason sets. Numbers, as tuples take
# RAM.
STATUS_BITS = {
    power.R_SHORT_CIRCUIT: _of(status.STATUS_IOUT, status.IOUT_OC_FAULT),
    power.R_OVERCURRENT: _of(status.STATUS_IOUT, status.IOUT_OC_FAULT),
    power.R_UNDERCURRENT: _of(status.STATUS_IOUT, status.IOUT_UC_FAULT),
    power.R_OVERPOWER: _of(status.STATUS_IOUT, status.IOUT_POUT_OP_FAULT),
    power.R_OVERVOLTAGE: _of(status.STATUS_VOUT, status.VOUT_OV_FAULT),
    power.R_UNDERVOLTAGE: _of(status.STATUS_VOUT, status.VOUT_UV_FAULT),
    power.R_POWER_GOOD_TIMEOUT: _of(status.STATUS_VOUT, status.VOUT_TON_MAX_FAULT),
    power.R_DISCHARGE_TIMEOUT: _of(status.STATUS_VOUT, status.VOUT_TOFF_MAX_WARN),
    power.R_INPUT_OVERVOLTAGE: _of(status.STATUS_INPUT, status.INPUT_VIN_OV_FAULT),
    power.R_INPUT_UNDERVOLTAGE: _of(
        status.STATUS_INPUT, status.INPUT_VIN_UV_FAULT | status.INPUT_OFF_LOW_VIN
    ),
    power.R_BROWN_OUT: _of(
        status.STATUS_INPUT, status.INPUT_VIN_UV_FAULT | status.INPUT_OFF_LOW_VIN
    ),
    power.R_INPUT_OVERCURRENT: _of(status.STATUS_INPUT, status.INPUT_IIN_OC_FAULT),
    power.R_OVERTEMPERATURE: _of(status.STATUS_TEMPERATURE, status.TEMPERATURE_OT_FAULT),
    power.R_SHUTDOWN_TIMEOUT: _of(status.STATUS_MFR_SPECIFIC, status.MFR_SHUTDOWN_TIMEOUT),
    power.R_SENSOR_LOST: _of(status.STATUS_MFR_SPECIFIC, status.MFR_SENSOR_LOST),
    power.R_LATCH: _of(status.STATUS_MFR_SPECIFIC, status.MFR_LATCH),
    power.R_REMOVED: _of(status.STATUS_MFR_SPECIFIC, status.MFR_REMOVED),
    power.R_FAULT_PIN: _of(status.STATUS_IOUT, status.IOUT_OC_FAULT),
    power.R_INPUT_SHORT_CIRCUIT: _of(status.STATUS_INPUT, status.INPUT_IIN_OC_FAULT),
    power.R_BACK_FED: _of(status.STATUS_VOUT, status.VOUT_TOFF_MAX_WARN),
}


class Evidence:
    """What was seen of a fault. Voltages in mV, currents in mA."""

    def __init__(
        self,
        *,
        mv: int,
        vin_mv: int,
        fault_pin: bool = False,
        latched: bool = True,
        output_alerts: int = 0,
        input_alerts: int = 0,
        iout_ma: int = 0,
        presence_moved: bool = False,
        was_up: bool = False,
        blind: bool = False,
    ) -> None:
        self.mv = mv  # the rail, as early as it could be read
        self.vin_mv = vin_mv
        self.fault_pin = fault_pin
        self.latched = latched
        self.output_alerts = output_alerts
        self.input_alerts = input_alerts
        self.iout_ma = iout_ma  # the highest while the rail rose, else of now
        self.presence_moved = presence_moved
        self.was_up = was_up  # the rail was good before
        self.blind = blind  # a power monitor does not answer

    @property
    def spared(self) -> bool:
        """While the rail rose, nothing flowed into the output."""
        drew = self.output_alerts or self.iout_ma > SHORT_MA
        return not (self.was_up or self.blind or drew)

    @property
    def ahead(self) -> bool:
        """The eFuse opened, and nothing says that the current went into the output."""
        too_much = self.output_alerts or self.input_alerts or self.blind
        return self.fault_pin and not too_much and (self.mv >= SHORT_MV or self.spared)

    @property
    def excess(self) -> bool:
        """Anything that speaks of too much current."""
        flowing = self.iout_ma > SHORT_MA
        return self.fault_pin or flowing or bool(self.output_alerts | self.input_alerts)


def diagnose(seen: "Evidence", get: object) -> int:  # noqa: PLR0911, PLR0912 - a claim each
    """The reason: of the first claim that holds, undervoltage when nothing says more. `get` gives
    the settings by name."""
    if seen.presence_moved and not seen.excess:
        return power.R_REMOVED
    if seen.vin_mv < get("vin_uv_fault_limit_mv"):
        return power.R_INPUT_UNDERVOLTAGE
    if seen.vin_mv > get("vin_ov_fault_limit_mv"):
        return power.R_INPUT_OVERVOLTAGE
    if seen.input_alerts & ALERT_OVER_VOLTAGE:
        return power.R_INPUT_OVERVOLTAGE
    if seen.output_alerts & ALERT_OVER_VOLTAGE:
        return power.R_OVERVOLTAGE
    if seen.mv > get("vout_ov_fault_limit_mv"):
        return power.R_OVERVOLTAGE
    if seen.mv < SHORT_MV and seen.excess and not seen.spared:
        return power.R_SHORT_CIRCUIT
    if seen.output_alerts & ALERT_OVER_CURRENT:
        return power.R_OVERCURRENT
    if seen.iout_ma > get("iout_oc_fault_limit_ma"):
        return power.R_OVERCURRENT
    if seen.input_alerts & ALERT_OVER_CURRENT:
        return power.R_INPUT_OVERCURRENT
    if seen.ahead:
        return power.R_INPUT_SHORT_CIRCUIT
    if seen.fault_pin:
        return power.R_FAULT_PIN
    if not seen.latched:
        return power.R_LATCH
    if seen.was_up and seen.mv < SHORT_MV:
        return power.R_SHORT_CIRCUIT
    return power.R_UNDERVOLTAGE


def read_alerts(monitors: "tuple[object, object]") -> "list[int | None]":
    """The alert flags of both monitors, None for one that does not answer; clears them."""
    flags = []
    for monitor in monitors:
        try:
            flags.append(monitor.read_alerts())
        except OSError:
            flags.append(None)
    return flags


def current_ma(monitor: object) -> int:
    """The current of now; 0, which says nothing, when the monitor does not answer."""
    try:
        return monitor.read_current_ma()
    except OSError:
        return 0
