"""Where a BMC answers on the SMBus of the rack."""

FIRST_SLOT, LAST_SLOT = 1, 14
BENCH = 15  # all four straps open: no backplane, a bench


def address_of(slot: int) -> int:
    """The 7-bit address of a slot, 0x11-0x1E; 0x1F on a bench. ValueError for another slot."""
    if not FIRST_SLOT <= slot <= BENCH:
        raise ValueError(f"no slot {slot}: slots are {FIRST_SLOT} to {LAST_SLOT}")
    return 0x10 + slot
