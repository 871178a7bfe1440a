"""The event log as the bus names it: kinds, and the keys of a record.

A record is one CBOR map with integer keys. Keys below 16 mean the same in every kind; what a
kind adds is named by text keys. CLEAR_FAULTS never touches the log.
"""

# Keys of a record
SEQUENCE = 0  # counts from 1, across restarts
GENERATION = 1  # boot generation in which it was written
UPTIME_MS = 2
UNIX_MS = 3  # missing until the RMC gave the time
KIND = 4
PREVIOUS = 5  # first 8 bytes of SHA-256 over the record before
COUNT = 6  # how often, when a flood was folded into one record
LAST_MS = 7  # uptime of the last one folded in

# Kinds
BOOT = 1
CRASH = 2
WATCHDOG = 3
STATE = 4  # the power state changed
COMMAND = 5
FAULT = 6
WARNING = 7
INSERTED = 8
REMOVED = 9
IDENTIFIED = 10
IMAGE_ACCEPTED = 11
IMAGE_REFUSED = 12
IMAGE_ACTIVATED = 13
IMAGE_CONFIRMED = 14
IMAGE_REVERTED = 15
SETTING = 16
SETTINGS_RESTORED = 17
SENSOR_LOST = 18
SENSOR_FOUND = 19
TIME = 20
BUS_RESET = 21
SELF_TEST = 22
ENERGY_EPOCH = 23
BROWN_OUT = 24
KEY = 25
FACTORY_RESET = 26
CHAOS = 27
GAP = 28  # records before this one were lost

# What a client may write into the log (LOG_NOTE): nothing that the BMC says itself.
HOST_KINDS = (CHAOS,)

KIND_TEXT = {
    BOOT: "boot",
    CRASH: "crash",
    WATCHDOG: "watchdog",
    STATE: "state",
    COMMAND: "command",
    FAULT: "fault",
    WARNING: "warning",
    INSERTED: "inserted",
    REMOVED: "removed",
    IDENTIFIED: "identified",
    IMAGE_ACCEPTED: "image accepted",
    IMAGE_REFUSED: "image refused",
    IMAGE_ACTIVATED: "image activated",
    IMAGE_CONFIRMED: "image confirmed",
    IMAGE_REVERTED: "image reverted",
    SETTING: "setting",
    SETTINGS_RESTORED: "settings restored",
    SENSOR_LOST: "sensor lost",
    SENSOR_FOUND: "sensor found",
    TIME: "time",
    BUS_RESET: "bus reset",
    SELF_TEST: "self-test",
    ENERGY_EPOCH: "energy epoch",
    BROWN_OUT: "brown-out",
    KEY: "key",
    FACTORY_RESET: "factory reset",
    CHAOS: "chaos",
    GAP: "gap",
}
