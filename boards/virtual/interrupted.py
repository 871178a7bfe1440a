"""Where the processor stood when an interrupt took over: a process does not know of itself."""


def note_pc(_timer) -> None:
    """Scratch word 5 stays 0."""
