"""Power as the bus names it: states, commands, results and reasons.

A command carries a transaction id of the caller (never 0) and the boot generation it was
meant for. Sent again with the same id it runs no second time and answers the same result.
"""

# States
ABSENT = 0  # presence open while the BMC is powered: being seated or pulled
SETTLING = 1  # contacts bounce
PROBATION = 2  # seated, being identified, awaiting admission
OFF = 3  # measured off
TURNING_ON = 4
ON = 5  # power good and the measured voltage in its window
SHUTTING_DOWN = 6  # the compute unit was asked to halt
TURNING_OFF = 7  # discharging
FAULT = 8  # off, and latched until commanded

STATE_TEXT = (
    "absent",
    "settling",
    "probation",
    "off",
    "turning on",
    "on",
    "shutting down",
    "turning off",
    "fault",
)

# Commands
NONE = 0
COMMAND_ON = 1
COMMAND_OFF = 2  # at once
COMMAND_SHUTDOWN = 3  # ask the compute unit, then off
COMMAND_CYCLE = 4  # graceful off, measured discharge, on

COMMAND_TEXT = ("none", "on", "off", "shutdown", "cycle")

# Results
IDLE = 0
RUNNING = 1
DONE = 2
REFUSED = 3  # nothing was changed
FAILED = 4  # tried; the reason and the state say where it ended
SUPERSEDED = 5  # a later command took over

RESULT_TEXT = ("idle", "running", "done", "refused", "failed", "superseded")

# Reasons, of a refusal or failure and of a latched fault
R_NONE = 0
R_ABSENT = 1
R_SHORT_CIRCUIT = 2
R_OVERCURRENT = 3
R_OVERPOWER = 4
R_OVERVOLTAGE = 5
R_UNDERVOLTAGE = 6
R_INPUT_OVERVOLTAGE = 7
R_INPUT_UNDERVOLTAGE = 8
R_INPUT_OVERCURRENT = 9
R_OVERTEMPERATURE = 10
R_POWER_GOOD_TIMEOUT = 11
R_DISCHARGE_TIMEOUT = 12
R_SHUTDOWN_TIMEOUT = 13
R_FAULT_LATCHED = 14
R_SENSOR_LOST = 15
R_LATCH = 16
R_REMOVED = 17
R_BUSY = 18
R_STALE_GENERATION = 19
R_UNKNOWN_COMMAND = 20
R_NOT_ADMITTED = 21
R_RECOVERY = 22
R_PAYLOAD_UNVERIFIED = 23
R_BROWN_OUT = 24
R_SUPERSEDED = 25
R_UNDERCURRENT = 26
R_FAULT_PIN = 27
R_INPUT_SHORT_CIRCUIT = 28  # behind the eFuse, or the eFuse itself
R_BACK_FED = 29  # off, and yet the rail has a voltage

REASON_TEXT = {
    R_NONE: "none",
    R_ABSENT: "absent",
    R_SHORT_CIRCUIT: "short circuit",
    R_OVERCURRENT: "overcurrent",
    R_OVERPOWER: "overpower",
    R_OVERVOLTAGE: "overvoltage",
    R_UNDERVOLTAGE: "undervoltage",
    R_INPUT_OVERVOLTAGE: "input overvoltage",
    R_INPUT_UNDERVOLTAGE: "input undervoltage",
    R_INPUT_OVERCURRENT: "input overcurrent",
    R_OVERTEMPERATURE: "overtemperature",
    R_POWER_GOOD_TIMEOUT: "power good timeout",
    R_DISCHARGE_TIMEOUT: "discharge timeout",
    R_SHUTDOWN_TIMEOUT: "shutdown timeout",
    R_FAULT_LATCHED: "fault latched",
    R_SENSOR_LOST: "sensor lost",
    R_LATCH: "enable latch does not follow",
    R_REMOVED: "removed",
    R_BUSY: "busy",
    R_STALE_GENERATION: "the BMC restarted since",
    R_UNKNOWN_COMMAND: "unknown command",
    R_NOT_ADMITTED: "not admitted",
    R_RECOVERY: "recovery service runs",
    R_PAYLOAD_UNVERIFIED: "compute payload not verified",
    R_BROWN_OUT: "brown-out",
    R_SUPERSEDED: "superseded",
    R_UNDERCURRENT: "undercurrent",
    R_FAULT_PIN: "fault pin",
    R_INPUT_SHORT_CIRCUIT: "input short circuit",
    R_BACK_FED: "fed from outside",
}
