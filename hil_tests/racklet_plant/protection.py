"""The RP2040's PIO program that asserts LATCH_CLR when a fault pin falls.

It runs without the CPU, so the plant runs it: a board layer that cannot (the virtual board's
`rp2`) arms it here. A reset of the pads stops PIO, as on the chip.
"""

from collections.abc import Callable

from .board import Board
from .port import Port
from .world import Handle, World

CLEAR_NET = "LATCH_CLR"
FAULT_NETS = ("EF_FLT_N", "LOC_ALERT_N")
_CYCLES = 5 + 2  # PIO instructions, and the input synchroniser's two flip-flops
LATENCY_NS = _CYCLES * 1_000 // 125  # at 125 MHz


class Protection:
    """Once tripped it holds LATCH_CLR high until `release`; `tripped` names the net, or "".

    `on_trip(net)` is called when it trips by itself, for the board layer to raise an interrupt.
    """

    def __init__(self, world: World, board: Board, port: Port) -> None:
        self._world = world
        self._port = port
        self._gpio = board.pins
        self._watched: tuple[str, ...] = ()
        self._pending: Handle | None = None
        self.tripped = ""
        self.on_trip: Callable[[str], None] | None = None
        for net in (*FAULT_NETS, "PG_ALL"):
            port.watch(net, lambda level, net=net: self._edge(net, level))  # type: ignore[misc]

    @property
    def armed(self) -> bool:
        return bool(self._watched)

    def arm(self, nets: tuple[str, ...] = FAULT_NETS) -> None:
        """Take the clear line over (low) and watch these nets; a net already low trips."""
        self._watched = nets
        self.release()

    def disarm(self) -> None:
        """What a reset of the chip does: the pad floats and nobody watches."""
        self._world.cancel(self._pending)
        self._watched = ()
        self.tripped = ""

    def trip(self, net: str = "firmware") -> None:
        """Assert the clear line now; the firmware's own "off" comes this way too."""
        self._world.cancel(self._pending)
        self.tripped = net
        self._port.drive(self._gpio[CLEAR_NET], 1)

    def release(self) -> None:
        """Let go of the clear line and watch again."""
        self.tripped = ""
        self._port.drive(self._gpio[CLEAR_NET], 0)
        for net in self._watched:
            self._edge(net, self._port.net_level(net))

    def _edge(self, net: str, level: int) -> None:
        if level or net not in self._watched or self.tripped:
            return
        if self._pending is None or not self._pending.pending:
            self._pending = self._world.after(LATENCY_NS, lambda: self._fire(net))

    def _fire(self, net: str) -> None:
        self.trip(net)
        if self.on_trip is not None:
            self.on_trip(net)
