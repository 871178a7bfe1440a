"""The status registers of PMBus: codes, bits and their names (PMBus Part II, section 17).

Detail registers latch and are cleared by writing ones, by CLEAR_FAULTS, or by switching the
rail off and on; a cause that is still there sets its bit again. OFF and POWER_GOOD# of
STATUS_WORD are live. STATUS_BYTE is the low half of STATUS_WORD.
"""

STATUS_BYTE = 0x78
STATUS_WORD = 0x79
STATUS_VOUT = 0x7A
STATUS_IOUT = 0x7B
STATUS_INPUT = 0x7C
STATUS_TEMPERATURE = 0x7D
STATUS_CML = 0x7E
STATUS_OTHER = 0x7F
STATUS_MFR_SPECIFIC = 0x80

# Detail register -> the bit of STATUS_WORD that sums it up.
SUMMARY = {
    STATUS_VOUT: 1 << 15,
    STATUS_IOUT: 1 << 14,
    STATUS_INPUT: 1 << 13,
    STATUS_TEMPERATURE: 1 << 2,
    STATUS_CML: 1 << 1,
    STATUS_OTHER: 1 << 9,
    STATUS_MFR_SPECIFIC: 1 << 12,
}

# STATUS_WORD
WORD_POWER_GOOD_N = 1 << 11
WORD_BUSY = 1 << 7
WORD_OFF = 1 << 6
WORD_VOUT_OV = 1 << 5
WORD_IOUT_OC = 1 << 4
WORD_VIN_UV = 1 << 3
WORD_NONE_OF_THE_ABOVE = 1 << 0

# STATUS_VOUT
VOUT_OV_FAULT = 0x80
VOUT_OV_WARN = 0x40
VOUT_UV_WARN = 0x20
VOUT_UV_FAULT = 0x10
VOUT_TON_MAX_FAULT = 0x04
VOUT_TOFF_MAX_WARN = 0x02

# STATUS_IOUT
IOUT_OC_FAULT = 0x80
IOUT_OC_WARN = 0x20
IOUT_UC_FAULT = 0x10
IOUT_POUT_OP_FAULT = 0x02
IOUT_POUT_OP_WARN = 0x01

# STATUS_INPUT
INPUT_VIN_OV_FAULT = 0x80
INPUT_VIN_OV_WARN = 0x40
INPUT_VIN_UV_WARN = 0x20
INPUT_VIN_UV_FAULT = 0x10
INPUT_OFF_LOW_VIN = 0x08
INPUT_IIN_OC_FAULT = 0x04
INPUT_IIN_OC_WARN = 0x02
INPUT_PIN_OP_WARN = 0x01

# STATUS_TEMPERATURE
TEMPERATURE_OT_FAULT = 0x80
TEMPERATURE_OT_WARN = 0x40

# STATUS_CML
CML_INVALID_COMMAND = 0x80
CML_INVALID_DATA = 0x40
CML_PEC = 0x20
CML_MEMORY = 0x10
CML_PROCESSOR = 0x08
CML_OTHER_COMMUNICATION = 0x02

# STATUS_OTHER
OTHER_FIRST_TO_ALERT = 0x01

# STATUS_MFR_SPECIFIC
MFR_REMOVED = 0x80  # presence opened while the rail was on
MFR_SENSOR_LOST = 0x40  # a power monitor or the temperature sensor does not answer
MFR_SHUTDOWN_TIMEOUT = 0x20  # the compute unit did not halt in time
MFR_LATCH = 0x10  # the enable latch reads back other than it was told
MFR_RECOVERY = 0x08  # the recovery service runs: no good image

# Register -> names of its bits, 7 down to 0 (15 down to 0 for STATUS_WORD); "" is unused.
BIT_NAMES = {
    STATUS_WORD: (
        "VOUT",
        "IOUT/POUT",
        "INPUT",
        "MFR_SPECIFIC",
        "POWER_GOOD#",
        "FANS",
        "OTHER",
        "UNKNOWN",
        "BUSY",
        "OFF",
        "VOUT_OV",
        "IOUT_OC",
        "VIN_UV",
        "TEMPERATURE",
        "CML",
        "NONE OF THE ABOVE",
    ),
    STATUS_VOUT: (
        "output overvoltage fault",
        "output overvoltage warning",
        "output undervoltage warning",
        "output undervoltage fault",
        "",
        "power good timeout",
        "discharge timeout warning",
        "",
    ),
    STATUS_IOUT: (
        "output overcurrent fault",
        "",
        "output overcurrent warning",
        "output undercurrent fault",
        "",
        "",
        "output overpower fault",
        "output overpower warning",
    ),
    STATUS_INPUT: (
        "input overvoltage fault",
        "input overvoltage warning",
        "input undervoltage warning",
        "input undervoltage fault",
        "off for low input",
        "input overcurrent fault",
        "input overcurrent warning",
        "input overpower warning",
    ),
    STATUS_TEMPERATURE: (
        "overtemperature fault",
        "overtemperature warning",
        "",
        "",
        "",
        "",
        "",
        "",
    ),
    STATUS_CML: (
        "invalid command",
        "invalid data",
        "packet error code",
        "memory fault",
        "processor fault",
        "",
        "other communication fault",
        "",
    ),
    STATUS_OTHER: ("", "", "", "", "", "", "", "first to alert"),
    STATUS_MFR_SPECIFIC: (
        "removed under power",
        "sensor lost",
        "shutdown timeout",
        "enable latch",
        "recovery service",
        "",
        "",
        "",
    ),
}


def names(register: int, value: int) -> "list[str]":
    """The names of the bits set in `value`, highest first."""
    bits = BIT_NAMES[register]
    top = len(bits) - 1
    return [name for i, name in enumerate(bits) if name and value >> (top - i) & 1]
