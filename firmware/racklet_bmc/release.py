"""Which firmware this is. The one home of the version: the host package reads it here too."""

__version__ = "0.1.0"

# The first four bytes of a SHA-256 of the sources, put in by the image build; zeros when these run.
BUILD = bytes(4)


def version() -> "tuple[int, int, int]":
    """(major, minor, patch)"""
    major, minor, patch = __version__.split(".")
    return int(major), int(minor), int(patch)
