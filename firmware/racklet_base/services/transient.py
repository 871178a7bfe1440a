"""Modules that are needed for a moment only: the tables of settings, the signature's code."""

import sys


def forget(module: str) -> None:
    """Let a module go: its RAM is free as soon as nobody holds a part of it, and who imports it
    again loads it again. CPython keeps it."""
    if sys.implementation.name != "micropython":
        return
    parent, _, name = module.rpartition(".")
    if sys.modules.pop(module, None) is not None and parent in sys.modules:
        delattr(sys.modules[parent], name)
