"""Fault responses as PMBus bytes: what to do when a limit is violated (Part II, section 10.5).

    bits 7:6  what      bits 5:3  retries        bits 2:0  delay, in units of UNIT_MS
    0 ignore            0 none: latch off
    1 delay, then off   1-6 that many
    2 off               7 for ever (hiccup)
    3 off while it lasts, then on again by itself

The delay is how long to wait before switching off with "delay", and between retries. A limit of
the output is kept as soon as that is off, so "while it lasts" is "off" there; PMBus has it so for
currents, whose 0 to 2 need a constant-current mode, which the board does not have.

What a fault pin reports, ALERT with its over-current and over-voltage among them, has switched
off before firmware knows, and an output that does not come up is never left on. So the bounds of
these settings let pass "off" alone, with or without retries.
"""

from racklet_wire import power

UNIT_MS = 500
RETRY_MS = 100  # between retries with a delay of 0
FOREVER = 7

IGNORE, DELAY, OFF, WHILE = 0, 1, 2, 3

_LASTING = ("ot_fault_response", "vin_uv_fault_response")  # is measured while the rail is off

# Latched fault -> the setting that holds the response.
SETTING = {
    power.R_SHORT_CIRCUIT: "iout_oc_fault_response",
    power.R_OVERCURRENT: "iout_oc_fault_response",
    power.R_FAULT_PIN: "iout_oc_fault_response",
    power.R_INPUT_SHORT_CIRCUIT: "iin_oc_fault_response",
    power.R_OVERVOLTAGE: "vout_ov_fault_response",
    power.R_UNDERVOLTAGE: "vout_uv_fault_response",
    power.R_POWER_GOOD_TIMEOUT: "ton_max_fault_response",
    power.R_INPUT_OVERVOLTAGE: "vin_ov_fault_response",
    power.R_INPUT_UNDERVOLTAGE: "vin_uv_fault_response",
    power.R_INPUT_OVERCURRENT: "iin_oc_fault_response",
    power.R_OVERTEMPERATURE: "ot_fault_response",
    power.R_OVERPOWER: "pout_op_fault_response",
    power.R_UNDERCURRENT: "iout_uc_fault_response",
}


def what(setting: str, response: int) -> int:
    """IGNORE, DELAY, OFF or WHILE."""
    kind = response >> 6
    return OFF if kind == WHILE and setting not in _LASTING else kind


def retries(response: int) -> int:
    """How often to try again; FOREVER is for ever."""
    return response >> 3 & 7


def delay_ms(response: int) -> int:
    return (response & 7) * UNIT_MS
