"""What can go wrong in the plant, as exceptions."""


class PlantError(Exception):
    """Root of everything the plant raises on purpose."""


class ControlError(PlantError):
    """A control was refused; the message says what to do. Nothing was changed."""


class BusFault(PlantError):
    """A bus transaction did not come to its end."""


class Nack(BusFault):
    """Nobody acknowledged. `msg` is the index of the message in its transaction."""

    def __init__(self, msg: int = 0) -> None:
        super().__init__(f"message {msg} was not acknowledged")
        self.msg = msg


class Timeout(BusFault):
    """A line stayed low for longer than SMBus allows (35 ms)."""


class Arbitration(BusFault):
    """Another controller, or a disturbance that looks like one, won the bus."""
