"""The application: its parts by name, and what several of them do together.

`bmc` is what a person at the REPL looks at: `bmc.power.state`, `bmc.telemetry.vin_mv`,
`bmc.log.last`.
"""

import asyncio

from racklet_base.services.transient import forget

# In the order in which they are served, by which the supervisor knows them after a reset.
_SERVED = (
    "power",
    "recorder",
    "bus",
    "telemetry",
    "protection",
    "energy",
    "console",
    "housekeeping",
    "factory",
    "images",
)


class Bmc:
    """`assembly` makes the parts."""

    def __init__(self, base: object) -> None:
        """`base` is on the bus already (racklet_base/base.py)."""
        self.base = base
        self.clock = base.clock
        self.slot, self.unique_id = base.slot, base.unique_id
        self.registers, self.engine, self.mover = base.registers, base.engine, base.mover
        self.log, self.images = base.log, base.images
        self._alerting = False
        self._transaction_id = 0

    # --- edges of the pins -----------------------------------------------------------------

    def on_fault_pin(self, _pin: object) -> None:
        self._on_fault("EF_FLT_N")

    def on_alert_pin(self, _pin: object) -> None:
        self._on_fault("LOC_ALERT_N")

    def _on_fault(self, net: str) -> None:
        self.recorder.on_edge()
        self.power.on_fault_edge(net)
        self._on_rail()

    def on_presence(self, _pin: object) -> None:
        self.power.on_presence_edge()
        self._on_rail()

    def on_power_good(self, pin: object) -> None:
        if not pin.value():
            self.recorder.on_edge()
        self._on_rail()

    def on_halted(self, _pin: object) -> None:
        self.power_wake.set()

    def on_latch(self, _pin: object) -> None:
        self.recorder.on_latch()
        self.power_wake.set()

    def _on_rail(self) -> None:
        self.power.is_moved = True
        self.power_wake.set()

    # --- between the services ----------------------------------------------------------------

    def on_change(self) -> None:
        """A new state of the rail: shown at once."""
        self.bus.is_stale = True
        self.base.bus_wake.set()

    def on_round(self) -> None:
        """After each round of the dispatcher: SMBALERT#, and a new power command goes on at
        once."""
        if self.power.transaction_id != self._transaction_id:
            self._transaction_id = self.power.transaction_id
            self.power_wake.set()
        self.base.bus_wake.clear()  # what called for this round; what came meanwhile
        if not self.registers.mailbox.is_empty:  # calls for the next
            self.base.bus_wake.set()
        alerting = self.registers.status.is_alerting()
        if alerting != self._alerting:
            self._alerting = alerting
            self.alert.value(alerting)

    async def run(self) -> None:
        """Serve until a reset."""
        pauses = {
            "power": self.power_wake.pause,
            "bus": self.base.bus_wake.pause,
            "images": self.images.pause,
            "recorder": self.recorder_wake.pause,
        }
        services = [(name, getattr(self, name), pauses.get(name)) for name in _SERVED]
        await self.base.serve(self.supervisor, services)


bmc = None  # what the REPL looks at


def run(base: object) -> None:
    """Build what is not built yet and serve until a reset, or Ctrl-C at the REPL."""
    global bmc  # noqa: PLW0603 - one board, one application
    if bmc is None:
        bmc = _built(Bmc(base))
    asyncio.new_event_loop()
    asyncio.run(bmc.run())


def _built(application: Bmc) -> Bmc:
    from . import assembly, bus  # noqa: PLC0415 - they make room again

    assembly.build(application, _SERVED)
    for module in (assembly, bus, bus.release):
        forget(module.__name__)
    return application
