"""Which versions of the protocol this source speaks.

Identify (0xD0) says the range of a firmware, in a layout that never changes; whoever meets
an unknown peer reads that first. Rows are added to a version and never changed in one.
"""

MIN, CURRENT = 1, 1


def agree(peer_min: int, peer_current: int) -> int:
    """The highest version that both sides speak, 0 when there is none."""
    version = min(CURRENT, peer_current)
    return version if version >= max(MIN, peer_min) else 0


def refusal(peer_min: int, peer_current: int) -> str:
    """One sentence that names both ranges, for a peer with which `agree` found nothing."""
    theirs, ours = _span(peer_min, peer_current), _span(MIN, CURRENT)
    return f"the firmware speaks protocol {theirs}, these host tools {ours}"


def older(peer_min: int, peer_current: int) -> str:
    """Which of the two is to be updated."""
    return "firmware" if peer_current < MIN else "host tools"


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low} to {high}"
