"""A BMC whose jobs are seen through to their end: power, updates, payloads, closed loop."""

from collections.abc import Callable

from racklet.client import Client
from racklet.power import PowerCommand, PowerOutcome, PowerTask
from racklet.records import PowerState
from racklet.update.package import Package
from racklet.update.payload import PayloadVerdict, verify_payload
from racklet.update.unit import WATCH_S, Progress, UnitUpdate, Updated


class Bmc(Client):
    """The BMC in a slot; beside its messages what takes several of them, and time.

    May raise what `Client` raises, and `Refused` with the reason.
    """

    def power(
        self, command: PowerCommand, on_change: Callable[[PowerState], None] | None = None
    ) -> PowerOutcome:
        """Carry out a power command; returns when the measured state is reached, or why not."""
        task = self.power_task(command, on_change)
        while not (outcome := task.poll()):
            self._clock.sleep(task.PAUSE_S)
        return outcome

    def power_task(
        self, command: PowerCommand, on_change: Callable[[PowerState], None] | None = None
    ) -> PowerTask:
        """The same in steps, so that several units can be waited for at once."""
        with self._answering():
            return PowerTask(self, command, self._clock, on_change)

    def update(
        self,
        package: Package,
        on_progress: Callable[[Progress], None] | None = None,
        watch_s: float = WATCH_S,
    ) -> Updated:
        """Send an image, put it on trial, watch it for `watch_s`, and confirm it; a key manifest
        is in force when it is verified. Raises `Refused` with the reason."""
        return UnitUpdate(self, package, self._clock, on_progress, watch_s).run()

    def verify_payload(
        self, manifest: bytes, sha256: bytes, *, confirm: bool = False
    ) -> PayloadVerdict:
        """Have the BMC judge what its compute unit boots, by the signed manifest and the
        measured digest; with `confirm` nothing older of that family is accepted again. Raises
        `Refused` with the reason."""
        with self._answering():
            return verify_payload(self, self._clock, manifest, sha256, confirm)
