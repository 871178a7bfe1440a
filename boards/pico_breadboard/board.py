"""The board pico_breadboard as data: a Raspberry Pi Pico and the same parts on a breadboard.

Literals only. The nets keep the pins of bmc_rp2040_r1 as far as a Pico has them on its header:
GP23, 24 and 29 are taken by its own regulator, its VBUS sense and its VSYS divider, GP25 by its
LED. So the shutdown handshake takes the place of the debug UART, and the hold-up capacitor, which
a breadboard does not have, is not measured.
"""

NAME = "pico_breadboard"

# Net -> GPIO.
PINS = {
    "SHDN_REQ": 0,  # high asks the compute unit to shut down
    "PI_OFF": 1,  # high: the compute unit has halted
    "LOC_SDA": 2,  # local sensors, I2C1
    "LOC_SCL": 3,
    "SMB_SDA": 4,  # SMBus, I2C0 as target
    "SMB_SCL": 5,
    "SMBALERT_DRV": 6,  # high pulls SMBALERT# low through a FET
    "BTN_FACTORY_N": 7,
    "PI_RXD": 8,  # UART1 TX, to GPIO15 of the compute unit
    "PI_TXD": 9,  # UART1 RX, from GPIO14 of the compute unit
    "EF_FLT_N": 10,  # 10 to 14 are one `in pins, 5` window for PIO
    "PG_ALL": 11,
    "LOC_ALERT_N": 12,
    "PRES_N": 13,  # low = fully seated
    "LATCH_Q": 14,  # read-back of the enable latch
    "LED_STATUS": 15,
    "LATCH_CLR": 16,  # high clears the latch; belongs to PIO
    "LATCH_SET": 17,  # a rising edge sets the latch
    "SLOT0": 18,  # strap to ground = 0; pull-up only while sampled
    "SLOT1": 19,
    "SLOT2": 20,
    "SLOT3": 21,
    "DISCHG": 22,
    "LED_FAULT": 25,  # the Pico's own LED
    "ADC_V5": 26,
    "ADC_VIN": 27,
    "ADC_IMON": 28,
}

# Bus -> the RP2040 block and its pins.
BUSES = {
    "local": {"id": 1, "sda": "LOC_SDA", "scl": "LOC_SCL", "hz": 400_000},
    "smbus": {"id": 0, "sda": "SMB_SDA", "scl": "SMB_SCL"},
}

# What is on the local bus: breakout boards, so no designators. The output monitor uses its
# small range (ADCRANGE 1).
DEVICES = [
    {
        "name": "output",
        "driver": "ina228",
        "bus": "local",
        "address": 0x40,
        "refdes": "",
        "shunt_uohm": 5_000,
        "shunt_ppm": 13_000,  # 1 %, and 75 ppm/K over 40 K
        "full_scale_ma": 8_192,
    },
    {
        "name": "input",
        "driver": "ina228",
        "bus": "local",
        "address": 0x41,
        "refdes": "",
        "shunt_uohm": 10_000,
        "shunt_ppm": 13_000,  # 1 %, and 75 ppm/K over 40 K
        "full_scale_ma": 4_096,
    },
    {"name": "board", "driver": "tmp1075", "bus": "local", "address": 0x48, "refdes": ""},
    {"name": "fru", "driver": "at24cs32", "bus": "local", "address": 0x50, "refdes": ""},
]

# ADC channel -> net and scale: millivolts (or milliamperes) at full scale of 4,095 counts; and by
# how much a reading may be off: ppm of it, and uV (uA). Of the reading: the converter's supply is
# its reference (3.3 V within 2 %, and 0.5 % less behind the filter), resistors 1 %, IMON 6 %; of
# full scale: 10 counts of offset and non-linearity (RP2040 data sheet 4.9.3, erratum E11).
ADC = {
    # 10 k / 10 k
    0: {"net": "ADC_V5", "full_scale": 6_600, "unit": "mV", "error": (35_000, 16_000)},
    # 75 k / 10 k
    1: {"net": "ADC_VIN", "full_scale": 28_050, "unit": "mV", "error": (43_000, 68_000)},
    # 0.4185 V/A
    2: {"net": "ADC_IMON", "full_scale": 7_885, "unit": "mA", "error": (95_000, 19_000)},
}

# What the hardware is built for; settings may be narrower, never wider.
LIMITS = {
    "vin_min_mv": 11_130,  # highest eFuse under-voltage lock-out
    "vin_max_mv": 21_960,  # lowest eFuse over-voltage cut-off
    "vout_nominal_mv": 5_100,
    "vout_min_mv": 4_750,
    "vout_max_mv": 5_250,
    "iout_max_ma": 5_000,
    "iin_max_ma": 3_020,  # lowest eFuse limit
    "pout_max_mw": 25_000,
    "temperature_max_mc": 85_000,
}

# Flash map, 2 MiB, offsets in bytes. Ring sizes are whole 4 KiB sectors.
FLASH = {
    "size": 2_097_152,
    "firmware": (0x000000, 655_360),
    "romfs": (0x0A0000, 524_288),
    "log": (0x120000, 131_072),
    "energy": (0x140000, 65_536),
    "settings": (0x150000, 16_384),
    "boot_state": (0x154000, 16_384),
    "keys": (0x158000, 16_384),
    "payloads": (0x15C000, 8_192),
    "littlefs": (0x15E000, 663_552),
}
