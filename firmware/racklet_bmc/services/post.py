"""What the power-on self-test found: which parts were tested, and which of them failed."""


class Post:
    """`names` are the tests by bit. `done` and `failed` are sets of those bits, `detail` is a
    number that the last failed test explains itself with, `taken_ms` when it ended."""

    def __init__(self, clock: object, names: "tuple[str, ...]") -> None:
        self._clock = clock
        self._names = names
        self.done = self.failed = 0
        self.detail = 0
        self.taken_ms = 0

    def report(self, name: str, passed: bool, detail: int = 0) -> None:
        """The outcome of one test; a later one replaces it. ValueError for an unknown name."""
        bit = 1 << self._names.index(name)
        self.done |= bit
        self.failed &= ~bit
        if not passed:
            self.failed |= bit
            self.detail = detail
        self.taken_ms = self._clock.ms()

    @property
    def passed(self) -> bool:
        return not self.failed
