"""How people write slots: `3`, `1-5`, `1,4`, `all`; several words are joined.

The address of a slot is 0x10 + slot, so a management bus can hold slots 1 to 14; how many a
rack really has is the rack's own knowledge.
"""

from collections.abc import Iterable, Sequence

from racklet.errors import NoSuchSlot, UsageError

LAST = 14  # what the address range of the bus allows

_HINT = "write slots as 3, 1-5, 1,4 or all"


def parse_slots(words: Iterable[str], available: Sequence[int]) -> list[int]:
    """The slots meant by `words`, each once, in the order written.

    `available` are the slots of this rack. Raises `UsageError` for what is no slot syntax and
    `NoSuchSlot` for a number this rack does not have.
    """
    chosen: dict[int, None] = {}  # an ordered set
    for word in words:
        for part in word.split(","):
            for slot in _part(part.strip(), available):
                if slot not in available:
                    raise NoSuchSlot(
                        f"there is no slot {slot}",
                        hint=f"this rack has slots {format_slots(available)}",
                    )
                chosen[slot] = None
    if not chosen:
        raise UsageError("no slot given", hint=_HINT)
    return list(chosen)


def _part(part: str, available: Sequence[int]) -> Sequence[int]:
    if part == "all":
        return available
    first, dash, last = part.partition("-")
    if not _is_number(first) or (dash and not _is_number(last)):
        raise UsageError(f"{part!r} is not a slot", hint=_HINT)
    if not dash:
        return [int(first)]
    if int(first) > int(last):
        raise UsageError(f"{part!r} counts down", hint=_HINT)
    # A range far outside ends at its first wrong slot, so cap it rather than build it.
    return range(int(first), min(int(last), LAST + 1) + 1) or [int(first)]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def format_slots(slots: Sequence[int]) -> str:
    """Slots as a person writes them: `1-5`, `1,4`, `2`; `none` when there are none."""
    runs: list[list[int]] = []
    for slot in sorted(slots):
        if runs and slot == runs[-1][-1] + 1:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    words = [str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs]
    return ",".join(words) or "none"
