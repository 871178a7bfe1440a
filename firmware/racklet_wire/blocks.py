"""The manufacturer blocks: how the bytes of the codes 0xD0-0xFD are laid out.

Every block has one fixed size of at most 32 bytes, little-endian, so that a controller that
cannot do length-prefixed reads asks for exactly that many. Names carry their unit. `s` fields
are bytes padded with zeros. Times in ms count from the boot of that generation. Reserved bytes
are written 0 and ignored when read.

IDENTIFY never changes, in any version: whoever meets an unknown firmware reads it first.

Windows show one piece of something long. A write selects the piece, a read shows it and names
it again, so that a lost selection cannot pass unnoticed; reading twice shows the same.
"""

import struct

from racklet_wire.tables import LAYOUTS

# (name, format, fields), in the order of the codes.
BLOCKS = (
    (
        "IDENTIFY",
        "<BBBBBB4sHBB8sII2x",
        "protocol_min protocol_current major minor patch flags build board slot revision "
        "serial generation features",
    ),
    (
        "TELEMETRY",
        "<iiiiiiiI",
        "vin_mv iin_ma pin_mw vout_mv iout_ma pout_mw temperature_mc taken_ms",
    ),
    ("ENERGY", "<QQIIQ", "in_uj out_uj epoch generation taken_ms"),
    (
        "POWER_STATE",
        "<BBBBBBHIIQQ",
        "state fault command result reason flags vout_mv transaction_id generation "
        "changed_ms uptime_ms",
    ),
    ("POWER_COMMAND", "<B3xII", "command transaction_id generation"),
    ("HOTPLUG", "<BBBBI16s8x", "state flags slot insertions generation serial"),
    ("INVENTORY", "<BB30s", "field size text"),
    ("LOG_STATUS", "<IIIIII", "first last acknowledged generation lost boot_first"),
    ("LOG_SELECT", "<IH", "sequence offset"),
    ("LOG_WINDOW", "<IHH24s", "sequence offset size data"),
    ("LOG_ACKNOWLEDGE", "<I", "sequence"),
    ("IMAGE_BEGIN", "<BBHIII", "component flags envelope_size size transfer_id generation"),
    ("IMAGE_CHUNK", "<H30s", "number data"),
    ("IMAGE_COMMAND", "<B3xII", "command transfer_id generation"),
    (
        "IMAGE_STATUS",
        "<BBBBIIIIIII",
        "state reason component flags transfer_id received size sequence active_sequence "
        "minimum_sequence deadline_ms",
    ),
    ("CONSOLE_STATUS", "<QQQII", "first end input_end input_room lost"),
    ("CONSOLE_SELECT", "<Q", "offset"),
    ("CONSOLE_WINDOW", "<IB27s", "offset size data"),
    ("CONSOLE_INPUT", "<IB27s", "offset size data"),
    ("SELF_TEST", "<IIIQI", "done failed generation taken_ms detail"),
    ("TIME_SET", "<Q", "unix_ms"),
    ("TIME", "<QQI", "unix_ms uptime_ms generation"),
    ("SETTING", "<HHiiii", "number count value minimum maximum default"),
    ("SETTING_NAME", "<H30s", "number name"),
    ("SETTING_WRITE", "<Hi", "number value"),
    ("FACTORY_RESET", "<4sII", "magic transaction_id generation"),
    ("LOG_NOTE", "<BB28s", "kind size text"),
    ("MEASURE_SELECT", "<BB", "item ticket"),
    ("MEASURE", "<BB30s", "item ticket data"),
    (
        "WAVEFORM_STATUS",
        "<BBBBHHHHHHIIQ",
        "state cause reason missed frames before frame_us vout_scale vin_scale efuse_scale "
        "number generation triggered_ms",
    ),
    ("WAVEFORM_SELECT", "<BxHI", "command first number"),
    ("WAVEFORM_WINDOW", "<HHB27s", "first number count data"),
    (
        "BOOT_STATUS",
        "<BBBBBBBBIIHHI8s",
        "mode running confirmed trial attempts reason reason_a reason_b "
        "sequence minimum verified_ms serving_ms generation key_id",
    ),
    # `state` and `received` of IMAGE_STATUS, in a fifth of its bits: asked for between chunks.
    ("IMAGE_PROGRESS", "<BI", "state received"),
)

# What `data` of MEASURE is, by the upper four bits of the item; the lower four are the place.
# The ticket is the client's own and comes back, so that an old picture is not taken for a new
# one: what a select shows is of one instant and stays until the next select.
PAGES = (
    ("WINDOW", "<HiiiIIII", "count lowest highest mean begin_ms end_ms lowest_ms highest_ms"),
    (
        "POWER_ON",
        "<IIIIHHHHHH2x",
        "number begin_ms rise_in_uj rise_out_uj rise_ms inrush_ma inrush_ms peak_in_ma "
        "peak_in_ms own_mw",
    ),
    (
        "CALIBRATION",
        "<iiIIII6x",
        "gain_ppm offset_milli day uncertainty_ppm uncertainty_micro clock_ppm",
    ),
    ("SENSOR", "<B3xI22x", "reason errors"),
)

# WINDOW: place is the number of the field of TELEMETRY, of the last whole window, and with
# WINDOW_NOW added of the one under way. Times modulo 2^32. Count 0: there was no value.
WINDOW_NOW = 8

# POWER_ON: place 0 is the latest. Number 0: there is none; they count from the boot. `rise` is
# from setting the latch to power good, `inrush` the highest output current meanwhile, `peak_in`
# the highest input current of the first 30 s, each with its time after the begin; `own_mw` the
# input power just before, which is the BMC's own. What is unknown has all bits set.
UNKNOWN_U16 = 0xFFFF
UNKNOWN_U32 = 0xFFFFFFFF

# CALIBRATION: place is the number of the channel. A reading is off by at most uncertainty_ppm of
# itself and uncertainty_micro millionths of its unit (k = 2), energy by clock_ppm more. The day
# counts from 1970-01-01; 0 is as delivered, by the data sheets.
CHANNELS = ("vin", "iin", "vout", "iout", "temperature")

# Places behind them: what the BMC's own converter reads, for POWER_STATE, log and waveforms, in
# the order of waveform.CHANNELS. Nothing corrects these readings.
ADC_CHANNELS = ("vout_adc", "vin_adc", "efuse_adc")

# SENSOR: place is the number of the sensor. Why it is not believed, 0 while it is, and how many
# reads of it have failed since the boot.
SENSORS = ("output", "input", "temperature")
SENSOR_REASONS = ("", "no answer", "wrong chip", "stuck", "out of range")

# TELEMETRY: the value of a sensor that does not answer.
UNKNOWN = -0x80000000

# IDENTIFY flags
IDENTIFY_DEVELOPER = 0x01  # no slots, nothing verified
IDENTIFY_RECOVERY = 0x02  # only the recovery service runs
IDENTIFY_TRIAL = 0x04  # the image awaits confirmation
IDENTIFY_SLOT_B = 0x08  # the image of slot B runs
IDENTIFY_STARTING = 0x10  # the image is being verified; version and features are the base's
IDENTIFY_DEVELOPMENT_KEY = 0x20  # a developer's key signed what runs

# IDENTIFY board: numbers of the boards of this project; 0 is any other (MFR_MODEL names it).
BOARDS = {1: "bmc_rp2040_r1", 2: "pico_breadboard", 3: "pico_fixture", 4: "virtual"}

# IDENTIFY features: groups of commands that this firmware serves.
FEATURE_IMAGES = 1 << 0
FEATURE_LOG = 1 << 1
FEATURE_CONSOLE = 1 << 2
FEATURE_SETTINGS = 1 << 3
FEATURE_ENERGY = 1 << 4
FEATURE_WAVEFORM = 1 << 5

# FACTORY_RESET: without these bytes it is none, so that noise or a wrong code cannot do it.
FACTORY_RESET_MAGIC = b"RKFR"

# POWER_STATE flags
POWER_PRESENT = 0x01
POWER_GOOD = 0x02  # the power-good pin
POWER_LATCH = 0x04  # the enable latch reads back set
POWER_HALTED = 0x08  # the compute unit's powered-off pin

# HOTPLUG flags
HOTPLUG_PRESENT = 0x01
HOTPLUG_FRU = 0x02  # the FRU EEPROM was read and its checksums are good
HOTPLUG_FRU_BAD = 0x04  # it answered, but its content is not valid

# IMAGE_STATUS flags
IMAGE_TRIAL = 0x01
IMAGE_SLOT_B = 0x02  # the running image is that of slot B
IMAGE_ERASING = 0x04  # expect NACK: flash is being erased

# INVENTORY fields, from board and product area of the FRU EEPROM (IPMI FRU Information Storage
# Definition, sections 11 and 12); the date is YYYY-MM-DD. An unknown one has size 0.
INVENTORY_FIELDS = (
    "manufacturer",
    "product",
    "part",
    "serial",
    "revision",
    "date",
    "asset",
    "name",
)

# SELF_TEST bits of `done` and `failed`.
SELF_TESTS = (
    "ram",
    "flash",
    "settings",
    "log",
    "output monitor",
    "input monitor",
    "temperature sensor",
    "fru eeprom",
    "enable latch",
    "presence",
    "slot straps",
    "console",
    "image",
    "clock",
    "adc",
    "protection",
)

# Characters of `struct`, and the lowest and highest value of each.
_DIGITS, _PADDING = b"0123456789", ord("x")
_RANGES = {
    ord("B"): (0, 0xFF),
    ord("H"): (0, 0xFFFF),
    ord("I"): (0, 0xFFFFFFFF),
    ord("Q"): (0, 0xFFFFFFFFFFFFFFFF),
    ord("i"): (-0x80000000, 0x7FFFFFFF),
}


def _row(block: str) -> "tuple[str, str, tuple[str, ...], bytes]":
    """Name, format, names and kinds of a block's fields. KeyError for another name."""
    low, high = 0, len(LAYOUTS)
    while low < high:
        middle = (low + high) // 2
        row = LAYOUTS[middle]
        if row[0] == block:
            return row
        if row[0] < block:
            low = middle + 1
        else:
            high = middle
    raise KeyError(block)


def kinds(layout: str) -> bytes:
    """A byte a field: the character of `struct`, of a text its length."""
    found, count = bytearray(), 0
    for kind in layout[1:].encode():
        if _DIGITS[0] <= kind <= _DIGITS[-1]:
            count = 10 * count + kind - _DIGITS[0]
            continue
        if kind != _PADDING:
            found.append(count or kind)
        count = 0
    return bytes(found)


def item(page: str, place: int) -> int:
    """The item of MEASURE at a place of a page."""
    return [row[0] for row in PAGES].index(page) << 4 | place


def size(block: str) -> int:
    """Data bytes of a block."""
    return struct.calcsize(_row(block)[1])


def fields(block: str) -> "tuple[str, ...]":
    """Names of a block's fields, in order."""
    return _row(block)[2]


def layout(block: str) -> str:
    """The `struct` format of a block."""
    return _row(block)[1]


def pack(block: str, **values: "int | bytes") -> bytes:
    """The data bytes of a block; every field must be given.

    KeyError for a missing field, ValueError for one that the block has not or that does not
    fit. Texts longer than their field are refused, not cut.
    """
    _, layout, names, codes = _row(block)
    if len(values) != len(names):
        extra = [name for name in values if name not in names]
        if extra:
            raise ValueError(f"{block} has no field {extra[0]}")
    ordered = [values[name] for name in names]
    for i, value in enumerate(ordered):
        if isinstance(value, int):
            low, high = _RANGES[codes[i]]
            fits = low <= value <= high
        else:
            fits = len(value) <= codes[i]
        if not fits:
            raise ValueError(f"{block}.{names[i]} is out of range")
    return struct.pack(layout, *ordered)


def pack_known(block: str, *values: "int | bytes") -> bytes:
    """The data bytes of a block from all its fields in order, which the caller knows to fit.

    A tenth of the time that `pack` takes, for what is shown ten times a second.
    """
    return struct.pack(_row(block)[1], *values)


def pack_into(block: str, buffer: bytearray, offset: int, **values: "int | bytes") -> None:
    """Like `pack`, into a buffer."""
    data = pack(block, **values)
    buffer[offset : offset + len(data)] = data


def unpack(block: str, data: "bytes | bytearray | memoryview") -> "dict[str, int | bytes]":
    """The fields of a block. ValueError when the data are not of its size."""
    _, layout, names, _ = _row(block)
    if len(data) != struct.calcsize(layout):
        raise ValueError(f"{block} has {struct.calcsize(layout)} bytes, not {len(data)}")
    return dict(zip(names, struct.unpack(layout, data)))  # noqa: B905
