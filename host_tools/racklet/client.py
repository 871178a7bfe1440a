"""The client of one BMC: its messages, what it is, measures and remembers."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from racklet_wire import blocks, version
from racklet_wire.address import address_of

from racklet.bus import Bus, Clock, Patience, Target
from racklet.bus.smbus import ERASING, NONE
from racklet.calibration import Correction, write_correction
from racklet.errors import Absent, BadReply, BusError, Nack, ProtocolMismatch, Recovering
from racklet.eventlog import EpochStart, LogReader, LogRecord
from racklet.factory import factory_reset
from racklet.logchain import ChainReport, check_chain
from racklet.measure import Calibration, Measures, PowerOn, Sensor, Window
from racklet.records import (
    BootStatus,
    Energy,
    Identity,
    ImageStatus,
    PowerState,
    SelfTest,
    Telemetry,
)
from racklet.settings import Setting, Settings
from racklet.transfer import ImageTransfer, TransferResult
from racklet.unit_name import read_name, write_name
from racklet.waveform import Waveform, WaveformReader


class Client:
    """The BMC in `slot` of a rack on `bus`.

    Every method may raise `Absent` when nothing answers, and another `BusError` when the bus
    itself fails. `clock` is the module `time` for people, or that of a stepped bench.
    """

    def __init__(
        self, bus: Bus, slot: int, clock: Clock = time, patience: Patience | None = None
    ) -> None:
        self.bus = bus
        self.slot = slot
        self._clock = clock
        self._target = Target(bus, address_of(slot), clock, patience)
        self._measures = Measures(self._target, clock)
        self._settings = Settings(self._target, clock)

    def is_locked(self) -> bool:
        """Whether it ignores writes because WRITE_PROTECT says so."""
        with self._answering():
            return self._target.is_locked()

    def is_present(self) -> bool:
        """True when somebody answers right now, be it with noise; one attempt."""
        once = Target(self.bus, self._target.address, self._clock, NONE)
        try:
            once.block("POWER_STATE")
        except Nack:
            return False
        except BadReply:
            pass
        return True

    def identify(self) -> Identity:
        """Who answers. Raises `ProtocolMismatch` when it speaks no version we know."""
        with self._answering():
            identity = Identity.of(self._target.block("IDENTIFY"))
        theirs = identity.protocol_min, identity.protocol_current
        if not version.agree(*theirs):
            raise ProtocolMismatch(
                f"slot {self.slot}: {version.refusal(*theirs)}",
                hint=f"update the {version.older(*theirs)}",
            )
        return identity

    def telemetry(self) -> Telemetry:
        """The latest measurements."""
        with self._answering():
            return Telemetry.of(self._target.block("TELEMETRY"))

    def energy(self) -> Energy:
        """Energy in and out since the unit's epoch began."""
        with self._answering():
            return Energy.of(self._target.block("ENERGY"))

    def windows(self, *, under_way: bool = False) -> list[Window]:
        """Lowest, highest and mean of each quantity over the last whole window."""
        with self._answering():
            return self._measures.windows(under_way=under_way)

    def power_ons(self) -> list[PowerOn]:
        """What the latest power-ons took, the latest first."""
        with self._answering():
            return self._measures.power_ons()

    def calibrations(self) -> dict[str, Calibration]:
        """What each channel is corrected by, and by how much it may still be off."""
        with self._answering():
            return self._measures.calibrations()

    def converter(self) -> dict[str, Calibration]:
        """By how much readings of the BMC's own converter may be off (waveform.CHANNELS)."""
        with self._answering():
            return self._measures.converter()

    def sensors(self) -> dict[str, Sensor]:
        """Which sensors are not believed, and why."""
        with self._answering():
            return self._measures.sensors()

    def calibrate(self, channel: str, correction: Correction | None, day: int) -> None:
        """Correct a channel from now on and for good; None: as it was delivered.

        Nothing is kept unless all of it is. `day` counts from 1970-01-01.
        """
        with self._answering():
            write_correction(self._settings, channel, correction, day)

    def epoch_start(self, energy: Energy) -> EpochStart | None:
        """When the epoch of these totals began; None when the log no longer holds that."""
        with self._answering():
            return LogReader(self._target, self._clock).epoch_start(energy.epoch)

    def power_state(self) -> PowerState:
        """The state of the compute unit's power and of the last command."""
        with self._answering():
            return PowerState.of(self._target.block("POWER_STATE"))

    def clear_faults(self) -> None:
        """Clear the latched status bits; moves no rail and touches no log."""
        with self._answering():
            self._target.send("CLEAR_FAULTS")

    def send_power_command(self, command: int, transaction_id: int, generation: int) -> None:
        """The bare command; `power` is what waits for its end."""
        with self._answering():
            self._target.write_fields(
                "POWER_COMMAND",
                command=command,
                transaction_id=transaction_id,
                generation=generation,
            )

    def log(self, after: int = 0) -> Iterator[LogRecord]:
        """Records of the event log, oldest first, those after sequence number `after`."""
        with self._answering():
            yield from LogReader(self._target, self._clock).read(after)

    def check_log(self) -> ChainReport:
        """Read the whole event log and check the hash chain through it."""
        with self._answering():
            return check_chain(LogReader(self._target, self._clock).encoded())

    def acknowledge_log(self, sequence: int) -> None:
        """Tell the BMC that its log up to this record is kept elsewhere, and wait until it has
        noted that for good."""
        with self._answering():
            LogReader(self._target, self._clock).acknowledge(sequence)

    def set_time(self, unix_ms: int) -> None:
        """Tell the BMC the time of day, which its log's records carry until its next start."""
        with self._answering():
            self._target.write_fields("TIME_SET", unix_ms=unix_ms)

    def note(self, kind: int, text: str) -> None:
        """Write a line into the BMC's event log, of a kind that clients may write."""
        with self._answering():
            LogReader(self._target, self._clock).note(kind, text)

    def factory_reset(self) -> None:
        """Set the settings back to their defaults; keys, log, energy and calibration stay.

        Raises `Refused` when the BMC did not."""
        with self._answering():
            factory_reset(self._target, self._clock)

    def waveform(self, *, trigger: bool = False) -> Waveform | None:
        """What the recorder keeps, None when that is nothing; with `trigger`, record now.

        Raises `Refused` where there is no recorder, and for a trigger while it keeps a fault."""
        with self._answering():
            reader = WaveformReader(self._target, self._clock)
            return reader.trigger() if trigger else reader.read()

    def arm_waveform(self, number: int) -> None:
        """Let capture `number` go, so that the next fault is recorded."""
        with self._answering():
            WaveformReader(self._target, self._clock).arm(number)

    def send_image(
        self,
        component: int,
        envelope: bytes,
        payload: bytes,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> TransferResult:
        """Transfer an image and have it verified; the BMC's verdict, with its reason."""
        with self._answering():
            transfer = ImageTransfer(self._target, self._clock, component, envelope, payload)
            return transfer.run(self.identify().generation, on_progress)

    def name(self) -> str:
        """What the unit was named; "" while it has no name."""
        with self._answering():
            return read_name(self._settings)

    def set_name(self, text: str) -> None:
        """Name the unit, for good: at most 16 printable ASCII characters."""
        with self._answering():
            write_name(self._settings, text)

    def settings(self, names: Iterable[str] = ()) -> list[Setting]:
        """Those named, or all, with their bounds and defaults."""
        with self._answering():
            return self._settings.show(names)

    def change_settings(self, values: Mapping[str, int], *, keep: bool = True) -> None:
        """Put these in force, all or none, and `keep` them beyond the BMC's next start.

        Raises `Refused` for what is out of bounds, contradicts another, or does not exist."""
        with self._answering():
            self._settings.change(values, keep=keep)

    def require_payload(self, is_required: bool) -> None:
        """Whether the compute unit gets power only after its payload was verified; kept."""
        with self._answering():
            self._settings.change({"require_payload": int(is_required)})

    def image_status(self) -> ImageStatus:
        """Where the latest transfer stands, and which firmware runs."""
        with self._answering():
            return ImageStatus.of(self._target.block("IMAGE_STATUS"))

    def boot_status(self) -> BootStatus:
        """How it started: which firmware runs, who signed it, and why another was refused."""
        with self._answering():
            return BootStatus.of(self._target.block("BOOT_STATUS"))

    def image_command(self, command: int, transfer_id: int, generation: int) -> None:
        """The bare command; `image_status` says what became of it."""
        with self._answering():
            self._target.write_fields(
                "IMAGE_COMMAND",
                ERASING,
                command=command,
                transfer_id=transfer_id,
                generation=generation,
            )

    def self_test(self) -> SelfTest:
        """What the BMC found when it tested itself at its start."""
        with self._answering():
            return SelfTest.of(self._target.block("SELF_TEST"))

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except Nack:
            raise Absent(
                f"slot {self.slot} does not answer on {self.bus.describe()}",
                hint="nothing is inserted there, or it was removed; see racklet status",
            ) from None
        except BadReply:  # what is not supported reads as ones
            if self._is_recovering():
                raise Recovering(self.slot) from None
            raise

    def _is_recovering(self) -> bool:
        try:
            flags = self._target.block("IDENTIFY")["flags"]
        except BusError:
            return False
        return isinstance(flags, int) and bool(flags & blocks.IDENTIFY_RECOVERY)
