"""A clock that moves only when somebody sleeps."""


class FakeClock:
    def __init__(self) -> None:
        self.now_ms = 0

    def ms(self) -> int:
        return self.now_ms

    def us(self) -> int:
        return self.now_ms * 1000

    async def sleep_ms(self, ms: int) -> None:
        self.now_ms += ms


def run(coroutine):
    """The result of a coroutine that waits for nothing but this clock."""
    try:
        while True:
            coroutine.send(None)
    except StopIteration as done:
        return done.value
