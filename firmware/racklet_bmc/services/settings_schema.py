"""Every setting: its number on the bus (the place in the table), bounds and default.

Rows are added at the end and never change their meaning, so that a stored value means the
same to every later firmware. All values are integers of the small unit that ends the name.
What is also a PMBus command is named after it: VOUT_OV_WARN_LIMIT is vout_ov_warn_limit_mv.
"""

# (name, lowest, highest, default)
SCHEMA = (
    # Sequencing
    ("ton_delay_ms", 0, 60_000, 0),
    ("ton_rise_ms", 15, 15, 15),  # the hardware's: eFuse slope and soft start of the regulator
    ("ton_max_fault_limit_ms", 30, 5_000, 200),
    ("toff_delay_ms", 0, 60_000, 200),  # from "halted" to the cut
    ("toff_fall_ms", 40, 40, 40),  # the hardware's: 33 ohm and 350 uF
    ("toff_max_warn_limit_ms", 50, 60_000, 3_000),
    ("power_good_on_mv", 4_500, 5_200, 4_750),
    ("power_good_off_mv", 4_000, 5_100, 4_650),
    ("empty_mv", 50, 1_000, 400),  # "off" is measured below this
    ("shutdown_limit_ms", 1_000, 600_000, 90_000),
    ("shutdown_pulse_ms", 150, 5_000, 500),  # gpio-shutdown debounces 100 ms
    # Hotplug
    ("settle_ms", 20, 2_000, 100),
    ("probation_ms", 0, 60_000, 3_000),
    ("restore_policy", 0, 2, 0),
    ("restore_delay_ms", 0, 60_000, 500),  # times the slot number
    # Limits and responses (responses.py)
    ("vout_ov_fault_limit_mv", 5_200, 5_500, 5_400),
    ("vout_ov_fault_response", 0x80, 0xBF, 0x80),
    ("vout_ov_warn_limit_mv", 5_100, 5_500, 5_250),
    ("vout_uv_warn_limit_mv", 4_000, 5_100, 4_850),
    ("vout_uv_fault_limit_mv", 4_000, 5_100, 4_650),
    ("vout_uv_fault_response", 0, 255, 0x80),
    ("iout_oc_fault_limit_ma", 100, 6_000, 5_500),
    ("iout_oc_fault_response", 0xC0, 0xFF, 0xC0),
    ("iout_oc_warn_limit_ma", 100, 6_000, 5_000),
    ("iout_uc_fault_limit_ma", 0, 1_000, 0),  # 0: not watched
    ("iout_uc_fault_response", 0, 255, 0x00),
    ("ot_fault_limit_mc", 30_000, 100_000, 85_000),
    ("ot_fault_response", 0, 255, 0x80),
    ("ot_warn_limit_mc", 30_000, 100_000, 75_000),
    ("vin_ov_fault_limit_mv", 12_000, 21_960, 21_900),
    ("vin_ov_fault_response", 0x80, 0xBF, 0x80),
    ("vin_ov_warn_limit_mv", 12_000, 21_960, 21_500),
    ("vin_uv_warn_limit_mv", 10_000, 20_000, 11_200),
    ("vin_uv_fault_limit_mv", 10_000, 20_000, 10_700),
    ("vin_uv_fault_response", 0, 255, 0x80),
    ("iin_oc_fault_limit_ma", 100, 3_020, 3_000),
    ("iin_oc_fault_response", 0x80, 0xBF, 0x80),
    ("iin_oc_warn_limit_ma", 100, 3_020, 2_800),
    ("ton_max_fault_response", 0x80, 0xBF, 0x80),
    ("pout_op_fault_limit_mw", 1_000, 30_000, 27_500),
    ("pout_op_fault_response", 0, 255, 0x80),
    ("pout_op_warn_limit_mw", 1_000, 30_000, 25_000),
    ("pin_op_warn_limit_mw", 1_000, 35_000, 28_000),
    ("shed_step_ms", 0, 10_000, 200),  # a sagging input: the slot's number times this; 0 never
    # Measuring
    ("window_ms", 1_000, 3_600_000, 60_000),  # of lowest, highest and mean
    ("vin_gain_ppm", -20_000, 20_000, 0),
    ("vin_offset_mv", -100, 100, 0),
    ("iin_gain_ppm", -20_000, 20_000, 0),
    ("iin_offset_ma", -100, 100, 0),
    ("vout_gain_ppm", -20_000, 20_000, 0),
    ("vout_offset_mv", -100, 100, 0),
    ("iout_gain_ppm", -20_000, 20_000, 0),
    ("iout_offset_ma", -100, 100, 0),
    # When each was calibrated (days since 1970-01-01; 0: never, then the rest says nothing), and
    # by how much it may still be off: so much of the reading and so many millionths of a unit.
    ("vin_calibrated_day", 0, 100_000, 0),
    ("vin_uncertainty_ppm", 0, 100_000, 0),
    ("vin_uncertainty_uv", 0, 1_000_000, 0),
    ("iin_calibrated_day", 0, 100_000, 0),
    ("iin_uncertainty_ppm", 0, 100_000, 0),
    ("iin_uncertainty_ua", 0, 1_000_000, 0),
    ("vout_calibrated_day", 0, 100_000, 0),
    ("vout_uncertainty_ppm", 0, 100_000, 0),
    ("vout_uncertainty_uv", 0, 1_000_000, 0),
    ("iout_calibrated_day", 0, 100_000, 0),
    ("iout_uncertainty_ppm", 0, 100_000, 0),
    ("iout_uncertainty_ua", 0, 1_000_000, 0),
    # Images
    ("require_payload", 0, 1, 0),  # 1: on only after the compute payload was verified
    # The name of the unit: ASCII, four characters to a number, the first in the highest byte
    ("name_1", 0, 0x7E7E_7E7E, 0),
    ("name_2", 0, 0x7E7E_7E7E, 0),
    ("name_3", 0, 0x7E7E_7E7E, 0),
    ("name_4", 0, 0x7E7E_7E7E, 0),
)

# Measured on this board once, not chosen: a factory reset keeps them.
CALIBRATION = tuple([row[0] for row in SCHEMA[45:65]])

RESTORE_OFF, RESTORE_ON, RESTORE_LAST = 0, 1, 2

# Pairs that contradict each other unless the first is below the second.
ORDER = (
    ("power_good_off_mv", "power_good_on_mv"),
    ("vout_uv_fault_limit_mv", "vout_uv_warn_limit_mv"),
    ("vout_ov_warn_limit_mv", "vout_ov_fault_limit_mv"),
    ("vout_uv_warn_limit_mv", "vout_ov_warn_limit_mv"),
    ("iout_oc_warn_limit_ma", "iout_oc_fault_limit_ma"),
    ("iin_oc_warn_limit_ma", "iin_oc_fault_limit_ma"),
    ("ot_warn_limit_mc", "ot_fault_limit_mc"),
    ("vin_uv_fault_limit_mv", "vin_uv_warn_limit_mv"),
    ("vin_uv_warn_limit_mv", "vin_ov_warn_limit_mv"),
    ("vin_ov_warn_limit_mv", "vin_ov_fault_limit_mv"),
    ("pout_op_warn_limit_mw", "pout_op_fault_limit_mw"),
)
