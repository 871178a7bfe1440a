"""The command table: every code that this firmware supports, one row each.

Firmware dispatch, host encoding, the answer to QUERY, the reference page and the fuzzers read
this one table. Rows are added, never changed. `unsupported.py` says why the other codes of
PMBus are not here.

A row is (code, name, transaction, access, format, size, protection).

transaction
    "send byte"     the code alone; runs at STOP
    "byte", "word"  1 or 2 data bytes, low byte first
    "block"         a count byte, then the data; never more than 32
    "process call"  block write - block read process call: arguments in, answer out
    "mask"          SMBALERT_MASK: written as a word, read as a process call
access
    "r", "w", "rw"
format
    "linear11", "linear16", "unsigned", "bits", "text", "direct" (EIN), "none", or "block":
    laid out in `blocks.py` under the row's name
size
    data bytes, without count and PEC; the most there can be for "text"; of a process call,
    the answer's
protection
    what a write needs, a name of PROTECTION
"""

from racklet_wire import tables

# Protection class -> (highest WRITE_PROTECT byte under which it may be written, PEC demanded).
PROTECTION = {
    "read": (0, False),  # read only
    "open": (0x80, False),  # clears status, changes nothing kept
    "select": (0x80, True),  # moves a window, tells the time, unlocks: never locked out
    "page": (0x40, False),
    "operate": (0x40, True),  # moves the rail
    "configure": (0x20, True),
    "limit": (0x00, False),  # the kernel's driver has no PEC on every controller
    "store": (0x00, True),
}

COMMANDS = (
    (0x00, "PAGE", "byte", "rw", "unsigned", 1, "page"),
    (0x01, "OPERATION", "byte", "rw", "bits", 1, "operate"),
    (0x02, "ON_OFF_CONFIG", "byte", "rw", "bits", 1, "configure"),
    (0x03, "CLEAR_FAULTS", "send byte", "w", "none", 0, "open"),
    (0x10, "WRITE_PROTECT", "byte", "rw", "bits", 1, "select"),
    (0x15, "STORE_USER_ALL", "send byte", "w", "none", 0, "store"),
    (0x16, "RESTORE_USER_ALL", "send byte", "w", "none", 0, "store"),
    (0x19, "CAPABILITY", "byte", "r", "bits", 1, "read"),
    (0x1A, "QUERY", "process call", "r", "bits", 1, "read"),
    (0x1B, "SMBALERT_MASK", "mask", "rw", "bits", 1, "limit"),
    (0x20, "VOUT_MODE", "byte", "r", "bits", 1, "read"),
    (0x30, "COEFFICIENTS", "process call", "r", "none", 5, "read"),
    (0x40, "VOUT_OV_FAULT_LIMIT", "word", "rw", "linear16", 2, "limit"),
    (0x41, "VOUT_OV_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x42, "VOUT_OV_WARN_LIMIT", "word", "rw", "linear16", 2, "limit"),
    (0x43, "VOUT_UV_WARN_LIMIT", "word", "rw", "linear16", 2, "limit"),
    (0x44, "VOUT_UV_FAULT_LIMIT", "word", "rw", "linear16", 2, "limit"),
    (0x45, "VOUT_UV_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x46, "IOUT_OC_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x47, "IOUT_OC_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x4A, "IOUT_OC_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x4B, "IOUT_UC_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x4C, "IOUT_UC_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x4F, "OT_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x50, "OT_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x51, "OT_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x55, "VIN_OV_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x56, "VIN_OV_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x57, "VIN_OV_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x58, "VIN_UV_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x59, "VIN_UV_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x5A, "VIN_UV_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x5B, "IIN_OC_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x5C, "IIN_OC_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x5D, "IIN_OC_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x5E, "POWER_GOOD_ON", "word", "rw", "linear16", 2, "limit"),
    (0x5F, "POWER_GOOD_OFF", "word", "rw", "linear16", 2, "limit"),
    (0x60, "TON_DELAY", "word", "rw", "linear11", 2, "limit"),
    (0x61, "TON_RISE", "word", "rw", "linear11", 2, "limit"),
    (0x62, "TON_MAX_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x63, "TON_MAX_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x64, "TOFF_DELAY", "word", "rw", "linear11", 2, "limit"),
    (0x65, "TOFF_FALL", "word", "rw", "linear11", 2, "limit"),
    (0x66, "TOFF_MAX_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x68, "POUT_OP_FAULT_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x69, "POUT_OP_FAULT_RESPONSE", "byte", "rw", "bits", 1, "limit"),
    (0x6A, "POUT_OP_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x6B, "PIN_OP_WARN_LIMIT", "word", "rw", "linear11", 2, "limit"),
    (0x78, "STATUS_BYTE", "byte", "rw", "bits", 1, "open"),
    (0x79, "STATUS_WORD", "word", "rw", "bits", 2, "open"),
    (0x7A, "STATUS_VOUT", "byte", "rw", "bits", 1, "open"),
    (0x7B, "STATUS_IOUT", "byte", "rw", "bits", 1, "open"),
    (0x7C, "STATUS_INPUT", "byte", "rw", "bits", 1, "open"),
    (0x7D, "STATUS_TEMPERATURE", "byte", "rw", "bits", 1, "open"),
    (0x7E, "STATUS_CML", "byte", "rw", "bits", 1, "open"),
    (0x7F, "STATUS_OTHER", "byte", "rw", "bits", 1, "open"),
    (0x80, "STATUS_MFR_SPECIFIC", "byte", "rw", "bits", 1, "open"),
    (0x86, "READ_EIN", "block", "r", "direct", 6, "read"),
    (0x87, "READ_EOUT", "block", "r", "direct", 6, "read"),
    (0x88, "READ_VIN", "word", "r", "linear11", 2, "read"),
    (0x89, "READ_IIN", "word", "r", "linear11", 2, "read"),
    (0x8B, "READ_VOUT", "word", "r", "linear16", 2, "read"),
    (0x8C, "READ_IOUT", "word", "r", "linear11", 2, "read"),
    (0x8D, "READ_TEMPERATURE_1", "word", "r", "linear11", 2, "read"),
    (0x96, "READ_POUT", "word", "r", "linear11", 2, "read"),
    (0x97, "READ_PIN", "word", "r", "linear11", 2, "read"),
    (0x98, "PMBUS_REVISION", "byte", "r", "bits", 1, "read"),
    (0x99, "MFR_ID", "block", "r", "text", 8, "read"),
    (0x9A, "MFR_MODEL", "block", "r", "text", 24, "read"),
    (0x9B, "MFR_REVISION", "block", "r", "text", 16, "read"),
    (0x9C, "MFR_LOCATION", "block", "r", "text", 8, "read"),
    (0x9D, "MFR_DATE", "block", "r", "text", 6, "read"),
    (0x9E, "MFR_SERIAL", "block", "r", "text", 24, "read"),
    (0xA0, "MFR_VIN_MIN", "word", "r", "linear11", 2, "read"),
    (0xA1, "MFR_VIN_MAX", "word", "r", "linear11", 2, "read"),
    (0xA2, "MFR_IIN_MAX", "word", "r", "linear11", 2, "read"),
    (0xA3, "MFR_PIN_MAX", "word", "r", "linear11", 2, "read"),
    (0xA4, "MFR_VOUT_MIN", "word", "r", "linear16", 2, "read"),
    (0xA5, "MFR_VOUT_MAX", "word", "r", "linear16", 2, "read"),
    (0xA6, "MFR_IOUT_MAX", "word", "r", "linear11", 2, "read"),
    (0xA7, "MFR_POUT_MAX", "word", "r", "linear11", 2, "read"),
    (0xA8, "MFR_TAMBIENT_MAX", "word", "r", "linear11", 2, "read"),
    (0xA9, "MFR_TAMBIENT_MIN", "word", "r", "linear11", 2, "read"),
    (0xC0, "MFR_MAX_TEMP_1", "word", "r", "linear11", 2, "read"),
    (0xD0, "IDENTIFY", "block", "r", "block", 32, "read"),
    (0xD1, "TELEMETRY", "block", "r", "block", 32, "read"),
    (0xD2, "ENERGY", "block", "r", "block", 32, "read"),
    (0xD3, "POWER_STATE", "block", "r", "block", 32, "read"),
    (0xD4, "POWER_COMMAND", "block", "w", "block", 12, "operate"),
    (0xD5, "HOTPLUG", "block", "r", "block", 32, "read"),
    (0xD6, "INVENTORY_SELECT", "byte", "w", "unsigned", 1, "select"),
    (0xD7, "INVENTORY", "block", "r", "block", 32, "read"),
    (0xD8, "LOG_STATUS", "block", "r", "block", 24, "read"),
    (0xD9, "LOG_SELECT", "block", "w", "block", 6, "select"),
    (0xDA, "LOG_WINDOW", "block", "r", "block", 32, "read"),
    (0xDB, "LOG_ACKNOWLEDGE", "block", "w", "block", 4, "select"),
    (0xDC, "IMAGE_BEGIN", "block", "w", "block", 16, "store"),
    (0xDD, "IMAGE_CHUNK", "block", "w", "block", 32, "store"),
    (0xDE, "IMAGE_COMMAND", "block", "w", "block", 12, "store"),
    (0xDF, "IMAGE_STATUS", "block", "r", "block", 32, "read"),
    (0xE0, "CONSOLE_STATUS", "block", "r", "block", 32, "read"),
    (0xE1, "CONSOLE_SELECT", "block", "w", "block", 8, "select"),
    (0xE2, "CONSOLE_WINDOW", "block", "r", "block", 32, "read"),
    (0xE3, "CONSOLE_INPUT", "block", "w", "block", 32, "operate"),
    (0xE4, "SELF_TEST", "block", "r", "block", 24, "read"),
    (0xE5, "TIME_SET", "block", "w", "block", 8, "select"),
    (0xE6, "TIME", "block", "r", "block", 20, "read"),
    (0xE7, "SETTING_SELECT", "word", "w", "unsigned", 2, "select"),
    (0xE8, "SETTING", "block", "r", "block", 20, "read"),
    (0xE9, "SETTING_NAME", "block", "r", "block", 32, "read"),
    (0xEA, "SETTING_WRITE", "block", "w", "block", 6, "store"),
    (0xEB, "FACTORY_RESET", "block", "w", "block", 12, "store"),
    (0xEC, "LOG_NOTE", "block", "w", "block", 30, "operate"),
    (0xED, "MEASURE_SELECT", "block", "w", "block", 2, "select"),
    (0xEE, "MEASURE", "block", "r", "block", 32, "read"),
    (0xEF, "WAVEFORM_STATUS", "block", "r", "block", 32, "read"),
    (0xF8, "WAVEFORM_SELECT", "block", "w", "block", 8, "select"),
    (0xF9, "WAVEFORM_WINDOW", "block", "r", "block", 32, "read"),
    (0xFA, "BOOT_STATUS", "block", "r", "block", 32, "read"),
    (0xFB, "IMAGE_PROGRESS", "block", "r", "block", 5, "read"),
)

# In version 1 no code of this range means anything. A later version puts authenticated
# commands here: a nonce to read, and sealed commands with a MAC.
AUTHENTICATED = range(0xF0, 0xF8)


def lookup(code: int) -> "tuple[int, str, str, str, str, int, str] | None":
    """The row of a code, None when it is not supported."""
    row = tables.ROW[code]
    return None if row == tables.NO_ROW else COMMANDS[row]


def code_of(name: str) -> int:
    """The code of a supported command. KeyError for another name."""
    low, high = 0, len(COMMANDS)
    while low < high:
        middle = (low + high) // 2
        row = COMMANDS[tables.BY_NAME[middle]]
        if row[1] == name:
            return row[0]
        if row[1] < name:
            low = middle + 1
        else:
            high = middle
    raise KeyError(name)


# QUERY, bits 4:2. A word of bits is no number, so it goes as non-numeric.
_QUERY_FORMAT = {"linear11": 0, "linear16": 0, "unsigned": 4, "bits": 4, "direct": 3, "block": 6}


def query_info(code: int) -> int:
    """The answer to QUERY: bit 7 supported, 6 writable, 5 readable, 4:2 format; 0 for others."""
    return tables.QUERY[code]


def query_format(access: str, kind: str, size: int) -> int:
    """The same from the columns of a row."""
    number = 7 if kind == "bits" and size > 1 else _QUERY_FORMAT.get(kind, 7)
    return 0x80 | ("w" in access) << 6 | ("r" in access) << 5 | number << 2
