"""What every family of handlers has; each overrides what it needs. See the package."""


class Family:
    reads = ()  # codes that it publishes
    writes = ()  # codes of which it takes what was written
    stream = None  # one of them that is written in long rows

    def start(self) -> None:
        """Publish what does not change, set guards."""

    def refresh(self) -> None:
        """Publish what changed."""

    def write(self, code: int, data: bytes) -> None:
        """Do what was written to one of `writes`."""
