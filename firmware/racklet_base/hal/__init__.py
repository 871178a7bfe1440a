"""The only rooms of the firmware that touch `machine` and `rp2`: this one and `boards/`."""
