"""Which image a BMC runs after a reset, what it says about it, and that the rail does not move."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import BusError, Recovering
from racklet.images import build_image, read_image, romfs, sign_image
from racklet.keys import SigningKey
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet_bench.bench import HANDS, SLOTS, TRACE, Bench
from racklet_wire import boot, image, power, status
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS, SLOTS)

A, B = 0, 1
START_S, BITE_S = 10, 12  # until it serves, also after three crashes; after a watchdog's bite

# Applications: `serves` does what recovery does, which is all that these tests ask of one.
SERVES = "from racklet_base.recovery import run"
RAISES = "def run(base): raise ValueError('on purpose')"
DOES_NOT_IMPORT = "import no_such_module"
HANGS = "import time\ndef run(base):\n    while True: time.sleep_ms(10)"


class Unit:
    """One unit by its slot, and its rows about images."""

    def __init__(self, bench: Bench, slot: int = 1) -> None:
        self.bench, self.slot = bench, slot
        self.bmc: Bmc = Rack(bench.bus, len(bench.slots), bench.clock).bmc(slot)
        self.target = Target(bench.bus, address_of(slot), bench.clock)

    def status(self) -> dict[str, int | bytes]:
        return self.target.block("BOOT_STATUS")

    def is_serving(self, generation: int) -> bool:
        """In a later generation than that; between two starts nobody answers."""
        try:
            said = self.status()
        except BusError:
            return False
        return said["serving_ms"] != 0 and int(said["generation"]) > generation

    def settle(self, generation: int = 0, limit_s: float = START_S) -> dict[str, int | bytes]:
        """Wait until it serves, in a later generation than that; BOOT_STATUS."""
        self.wait_for(lambda: self.is_serving(generation), limit_s)
        return self.status()

    def wait_for(self, condition: Callable[[], bool], limit_s: float) -> None:
        end = self.bench.clock.monotonic() + limit_s
        while not condition():
            assert self.bench.clock.monotonic() < end, f"not within {limit_s} s"
            self.bench.clock.sleep(0.020)

    def command(self, command: int, transfer_id: int = 0) -> None:
        self.target.write_fields(
            "IMAGE_COMMAND",
            command=command,
            transfer_id=transfer_id,
            generation=self.bmc.identify().generation,
        )

    def update(self, envelope: bytes) -> int:
        """Send an image and activate it; the generation that does so."""
        read = read_image(envelope)
        result = self.bmc.send_image(image.FIRMWARE, read.head, read.payload)
        assert result.is_accepted, result.reason
        generation = self.bmc.identify().generation
        transfer_id = self.target.block("IMAGE_STATUS")["transfer_id"]
        assert isinstance(transfer_id, int)
        self.command(image.COMMAND_ACTIVATE, transfer_id)
        return generation

    def events(self) -> list[str]:
        return [record.kind for record in self.bmc.log()]


@pytest.fixture
def make(bench: Bench) -> Callable[..., bytes]:
    """A signed image of an application."""

    def make(sequence: int, app: str = SERVES, signer: SigningKey = bench.signing_key) -> bytes:
        tree: romfs.Tree = {"racklet_bmc": {"__init__.py": b"", "app.py": app.encode()}}
        return sign_image(romfs.pack(tree), signer, sequence, bench.board)

    return make


@pytest.fixture
def start(bench: Bench) -> Callable[..., Unit]:
    """A unit with these images, inserted and serving."""

    def start(*images: bytes) -> Unit:
        bench.ship(*images)
        bench.insert(1)
        unit = Unit(bench)
        unit.settle()
        return unit

    return start


def spoilt(envelope: bytes) -> bytes:
    """One bit of the payload changed."""
    return envelope[:-1] + bytes([envelope[-1] ^ 1])


Make = Callable[..., bytes]
Start = Callable[..., Unit]


def test_a_good_image_in_slot_a_runs(start: Start, make: Make) -> None:
    unit = start(make(4))
    said = unit.status()
    assert (said["mode"], said["running"], said["sequence"]) == (boot.APPLICATION, A, 4)
    assert said["minimum"] == 4
    identity = unit.bmc.identify()
    assert not (identity.is_developer or identity.is_recovery or identity.is_starting)


def test_it_says_who_signed_what_runs(start: Start, make: Make, bench: Bench) -> None:
    assert start(make(1)).status()["key_id"] == bench.signing_key.public.id


def test_when_the_active_image_rots_the_other_one_runs(start: Start, make: Make) -> None:
    unit = start(spoilt(make(4)), make(5))
    said = unit.status()
    assert (said["mode"], said["running"], said["sequence"]) == (boot.APPLICATION, B, 5)
    assert said["reason_a"] == image.R_DIGEST_MISMATCH
    assert "image refused" in unit.events()


def test_without_a_good_image_it_recovers_and_takes_a_new_one(start: Start, make: Make) -> None:
    unit = start(spoilt(make(4)), spoilt(make(5)))
    said = unit.status()
    assert (said["mode"], said["running"]) == (boot.RECOVERY, boot.NO_SLOT)
    assert unit.bmc.identify().is_recovery
    assert unit.target.query(0x01) == 0  # OPERATION: it moves no rail
    with pytest.raises(Recovering, match="recovery service"):
        unit.bmc.power(PowerCommand.OFF)
    generation = unit.update(make(6))
    said = unit.settle(generation)
    assert (said["mode"], said["trial"]) == (boot.APPLICATION, said["running"])
    unit.command(image.COMMAND_CONFIRM)
    unit.wait_for(lambda: unit.status()["minimum"] == 6, 1)
    assert unit.status()["trial"] == boot.NO_SLOT
    assert not unit.bmc.identify().is_trial


def test_as_soon_as_it_says_that_it_serves_it_does_what_is_written(
    start: Start, bench: Bench
) -> None:
    """Else a confirmation sent at once would be lost."""
    unit = start(sign_image(build_image(bench.board), bench.signing_key, 4, bench.board))
    bench.reset_bmc(1)

    def says_that_it_serves() -> bool:
        try:
            return not unit.bmc.identify().is_starting
        except BusError:
            return False

    bench.clock.sleep(0.005)
    end = bench.clock.monotonic() + START_S
    while not says_that_it_serves():
        assert bench.clock.monotonic() < end
        bench.clock.sleep(0.001)
    unit.target.write_fields("TIME_SET", unix_ms=1_700_000_000_000)
    unit.wait_for(lambda: int(unit.target.block("TIME")["unix_ms"]) > 0, 1)


@pytest.mark.parametrize("app", [RAISES, DOES_NOT_IMPORT])
def test_an_image_that_fails_on_trial_is_reverted(start: Start, make: Make, app: str) -> None:
    unit = start(make(4))
    generation = unit.update(make(5, app))
    said = unit.settle(generation + 3)
    assert (said["running"], said["sequence"]) == (A, 4)
    assert (said["trial"], said["reason"]) == (boot.NO_SLOT, image.R_CRASHED)
    assert said["minimum"] == 4
    events = unit.events()
    assert "crash" in events
    assert "image reverted" in events


def test_an_image_that_hangs_on_trial_is_reverted(start: Start, make: Make) -> None:
    unit = start(make(4))
    generation = unit.update(make(5, HANGS))
    said = unit.settle(generation + 3, 4 * BITE_S)
    assert (said["running"], said["reason"]) == (A, image.R_CRASHED)


def test_a_confirmed_image_that_cannot_start_gives_way_to_recovery(
    bench: Bench, make: Make
) -> None:
    bench.ship(make(4, RAISES))
    bench.insert(1)
    unit = Unit(bench)
    said = unit.settle(3)
    assert (said["mode"], said["reason_a"]) == (boot.RECOVERY, image.R_CRASHED)


def test_code_in_a_slot_that_nobody_trusted_signed_does_not_run(
    bench: Bench, start: Start, make: Make
) -> None:
    unit = start(make(4, signer=SigningKey.generate()))
    said = unit.status()
    assert (said["mode"], said["reason_a"]) == (boot.RECOVERY, image.R_BAD_SIGNATURE)


@pytest.mark.needs(TRACE)
def test_nothing_of_it_moves_the_rail(start: Start, make: Make, bench: Bench) -> None:
    """On under the real application; through a crash loop, a revert, and recovery without any
    good image at the end."""
    real = build_image(bench.board)
    unit = start(sign_image(real, bench.signing_key, 4, bench.board))
    unit.wait_for(lambda: unit.bmc.power_state().state == power.OFF, 10)
    unit.bmc.power(PowerCommand.ON)
    enable = bench.trace(1, "EN")
    generation = unit.update(make(5, RAISES))
    assert unit.settle(generation + 3)["running"] == A
    assert unit.bmc.power_state().state == power.ON
    generation = unit.update(make(6))  # it serves no power
    assert unit.settle(generation)["running"] == B
    assert not unit.target.read("STATUS_WORD") & status.WORD_OFF
    assert [level for _, level in enable] == [1]
