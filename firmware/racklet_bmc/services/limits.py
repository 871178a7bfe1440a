"""The limits that firmware measures, as one table. The fault pins need none of this.

Each row: what is measured, the setting of its limit, which side of it is bad, and either the
warning bit that it sets or the fault that it is.
"""

from racklet_wire import power, status

ABOVE, BELOW = 1, -1

# Only looked at while the rail is on.
OUTPUT = (
    ("vout_mv", "vout_ov_warn_limit_mv", ABOVE, (status.STATUS_VOUT, status.VOUT_OV_WARN)),
    ("vout_mv", "vout_uv_warn_limit_mv", BELOW, (status.STATUS_VOUT, status.VOUT_UV_WARN)),
    ("iout_ma", "iout_oc_warn_limit_ma", ABOVE, (status.STATUS_IOUT, status.IOUT_OC_WARN)),
    ("pout_mw", "pout_op_warn_limit_mw", ABOVE, (status.STATUS_IOUT, status.IOUT_POUT_OP_WARN)),
    ("iin_ma", "iin_oc_warn_limit_ma", ABOVE, (status.STATUS_INPUT, status.INPUT_IIN_OC_WARN)),
    ("pin_mw", "pin_op_warn_limit_mw", ABOVE, (status.STATUS_INPUT, status.INPUT_PIN_OP_WARN)),
    ("vout_mv", "vout_ov_fault_limit_mv", ABOVE, power.R_OVERVOLTAGE),
    ("vout_mv", "vout_uv_fault_limit_mv", BELOW, power.R_UNDERVOLTAGE),
    ("iout_ma", "iout_oc_fault_limit_ma", ABOVE, power.R_OVERCURRENT),
    ("iout_ma", "iout_uc_fault_limit_ma", BELOW, power.R_UNDERCURRENT),
    ("iin_ma", "iin_oc_fault_limit_ma", ABOVE, power.R_INPUT_OVERCURRENT),
    ("pout_mw", "pout_op_fault_limit_mw", ABOVE, power.R_OVERPOWER),
)

ALWAYS = (
    ("vin_mv", "vin_ov_warn_limit_mv", ABOVE, (status.STATUS_INPUT, status.INPUT_VIN_OV_WARN)),
    ("vin_mv", "vin_uv_warn_limit_mv", BELOW, (status.STATUS_INPUT, status.INPUT_VIN_UV_WARN)),
    (
        "temperature_mc",
        "ot_warn_limit_mc",
        ABOVE,
        (status.STATUS_TEMPERATURE, status.TEMPERATURE_OT_WARN),
    ),
    ("vin_mv", "vin_ov_fault_limit_mv", ABOVE, power.R_INPUT_OVERVOLTAGE),
    ("vin_mv", "vin_uv_fault_limit_mv", BELOW, power.R_INPUT_UNDERVOLTAGE),
    ("temperature_mc", "ot_fault_limit_mc", ABOVE, power.R_OVERTEMPERATURE),
)


def violated(value: "int | None", limit: int, side: int) -> bool:
    """An unknown value violates nothing (a lost sensor has its own status bit), nor does any
    value a limit of 0, which is not watched."""
    return value is not None and limit != 0 and (value - limit) * side > 0
