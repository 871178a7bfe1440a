"""The file system for a person: that of the computer. Nothing to do."""


def mount() -> None:
    pass
