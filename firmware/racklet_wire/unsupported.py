"""Why the other codes of PMBus are not supported. For the reference page and the tests.

A read of such a code answers 0xFF and sets the invalid-command bit of STATUS_CML.
"""

from racklet_wire.commands import AUTHENTICATED, lookup

_ONE_PAGE = "there is one page"
_FIXED = "the rail is fixed; no register moves it"
_NO_FAN = "no fan on the board"
_NO_SENSOR = "no sensor measures it, and nothing is derived to fill a row"
_NVM = "STORE_USER_ALL and RESTORE_USER_ALL keep the whole set; no other copy exists"
_NO_CC = "the output has no constant-current mode"
_COLD = "nothing on the board acts on cold"

# (code, name, reason)
UNSUPPORTED = (
    (0x04, "PHASE", "the regulator has one phase"),
    (0x05, "PAGE_PLUS_WRITE", _ONE_PAGE),
    (0x06, "PAGE_PLUS_READ", _ONE_PAGE),
    (0x07, "ZONE_CONFIG", "zones are a feature of buses with Zone Read; this one has slots"),
    (0x08, "ZONE_ACTIVE", "zones are a feature of buses with Zone Read; this one has slots"),
    (0x11, "STORE_DEFAULT_ALL", _NVM),
    (0x12, "RESTORE_DEFAULT_ALL", _NVM),
    (0x13, "STORE_DEFAULT_CODE", _NVM),
    (0x14, "RESTORE_DEFAULT_CODE", _NVM),
    (0x17, "STORE_USER_CODE", _NVM),
    (0x18, "RESTORE_USER_CODE", _NVM),
    (0x21, "VOUT_COMMAND", _FIXED),
    (0x22, "VOUT_TRIM", _FIXED),
    (0x23, "VOUT_CAL_OFFSET", _FIXED),
    (0x24, "VOUT_MAX", _FIXED),
    (0x25, "VOUT_MARGIN_HIGH", _FIXED),
    (0x26, "VOUT_MARGIN_LOW", _FIXED),
    (0x27, "VOUT_TRANSITION_RATE", _FIXED),
    (0x28, "VOUT_DROOP", _FIXED),
    (0x29, "VOUT_SCALE_LOOP", _FIXED),
    (0x2A, "VOUT_SCALE_MONITOR", _FIXED),
    (0x2B, "VOUT_MIN", _FIXED),
    (0x31, "POUT_MAX", "the output is not limited by power, only watched"),
    (0x32, "MAX_DUTY", _FIXED),
    (0x33, "FREQUENCY_SWITCH", "the regulator's frequency is a resistor"),
    (0x34, "POWER_MODE", "the regulator chooses its mode itself"),
    (0x35, "VIN_ON", "resistors at the eFuse set the input thresholds"),
    (0x36, "VIN_OFF", "resistors at the eFuse set the input thresholds"),
    (0x37, "INTERLEAVE", "the regulator has one phase"),
    (0x38, "IOUT_CAL_GAIN", "calibration has its own settings"),
    (0x39, "IOUT_CAL_OFFSET", "calibration has its own settings"),
    (0x3A, "FAN_CONFIG_1_2", _NO_FAN),
    (0x3B, "FAN_COMMAND_1", _NO_FAN),
    (0x3C, "FAN_COMMAND_2", _NO_FAN),
    (0x3D, "FAN_CONFIG_3_4", _NO_FAN),
    (0x3E, "FAN_COMMAND_3", _NO_FAN),
    (0x3F, "FAN_COMMAND_4", _NO_FAN),
    (0x48, "IOUT_OC_LV_FAULT_LIMIT", _NO_CC),
    (0x49, "IOUT_OC_LV_FAULT_RESPONSE", _NO_CC),
    (0x52, "UT_WARN_LIMIT", _COLD),
    (0x53, "UT_FAULT_LIMIT", _COLD),
    (0x54, "UT_FAULT_RESPONSE", _COLD),
    (0x67, "TOFF_MAX_WARN_RESPONSE", "retired from PMBus"),
    (0x81, "STATUS_FANS_1_2", _NO_FAN),
    (0x82, "STATUS_FANS_3_4", _NO_FAN),
    (0x83, "READ_KWH_IN", "ENERGY tells the energy in microjoules"),
    (0x84, "READ_KWH_OUT", "ENERGY tells the energy in microjoules"),
    (0x85, "READ_KWH_CONFIG", "ENERGY tells the energy in microjoules"),
    (0x8A, "READ_VCAP", _NO_SENSOR),
    (0x8E, "READ_TEMPERATURE_2", _NO_SENSOR),
    (0x8F, "READ_TEMPERATURE_3", _NO_SENSOR),
    (0x90, "READ_FAN_SPEED_1", _NO_FAN),
    (0x91, "READ_FAN_SPEED_2", _NO_FAN),
    (0x92, "READ_FAN_SPEED_3", _NO_FAN),
    (0x93, "READ_FAN_SPEED_4", _NO_FAN),
    (0x94, "READ_DUTY_CYCLE", _NO_SENSOR),
    (0x95, "READ_FREQUENCY", _NO_SENSOR),
    (0x9F, "APP_PROFILE_SUPPORT", "no application profile is claimed"),
    (0xAA, "MFR_EFFICIENCY_LL", "efficiency is measured, not declared: energy in and out"),
    (0xAB, "MFR_EFFICIENCY_HL", "efficiency is measured, not declared: energy in and out"),
    (0xAC, "MFR_PIN_ACCURACY", "accuracy belongs to each calibrated unit, not to the type"),
    (0xAD, "IC_DEVICE_ID", "the device is a board: MFR_MODEL and Identify name it"),
    (0xAE, "IC_DEVICE_REV", "the device is a board: MFR_REVISION and Identify name it"),
    (0xC1, "MFR_MAX_TEMP_2", _NO_SENSOR),
    (0xC2, "MFR_MAX_TEMP_3", _NO_SENSOR),
    (0xFE, "MFR_SPECIFIC_COMMAND_EXT", "no extended commands"),
    (0xFF, "PMBUS_COMMAND_EXT", "no extended commands"),
)

# What the standards have beside commands, and why it is not here.
PROTOCOLS = (
    (
        "Group Command (PMBus)",
        "the RP2040 tells a target of the STOP of its own messages only, so it cannot know when "
        "the group is to be executed; the write is dropped as if its START were in the wrong "
        "place (other communication)",
    ),
    (
        "Alert Response Address 0x0C (SMBus)",
        "the RP2040 answers one address, and cannot see that it lost arbitration there; "
        "SMBALERT# stays low until the status is cleared, and CAPABILITY says so",
    ),
    (
        "Address Resolution Protocol 0x61 (SMBus)",
        "the slot's straps say the address, and MFR_SERIAL tells units apart",
    ),
    ("Host Notify 0x08 (SMBus)", "a BMC is never the controller; SMBALERT# calls the RMC"),
    ("General call 0x00 (I2C)", "not acknowledged: nothing is meant for all targets at once"),
    ("Zone Read, Zone Write (PMBus)", "this bus has slots"),
    ("Packets of more than 32 bytes (SMBus 3)", "the kernel's block transfers end at 32"),
)

_REASONS = {code: reason for code, _, reason in UNSUPPORTED}


def reason(code: int) -> str:
    """Why a code is not supported. ValueError for one that is."""
    if lookup(code) is not None:
        raise ValueError(f"0x{code:02X} is supported")
    if code in _REASONS:
        return _REASONS[code]
    if code in AUTHENTICATED:
        return "reserved for authenticated commands"
    if 0xB0 <= code <= 0xBF:
        return "user data: settings have their own window"
    if 0xC4 <= code <= 0xFD:
        return "manufacturer code not used in this version"
    return "reserved by PMBus"
