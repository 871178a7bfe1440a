"""Updates end to end, with the real firmware as its own update: sent, tried, kept or reverted."""

from collections.abc import Callable

import pytest
from racklet.bmc import Bmc
from racklet.errors import RackletError, Refused, Unreachable
from racklet.images import build_image, read_image, romfs, sign_image
from racklet.images.key_manifest import sign_keys
from racklet.keys import SigningKey
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet.update import Package, Phase, Progress
from racklet_bench.bench import HANDS, SLOTS, TRACE, Bench
from racklet_wire import image
from racklet_wire.suit_manifest import BASE

pytestmark = pytest.mark.needs(HANDS, SLOTS)

OLD, NEW = 4, 6
TRIAL_S = 300

Insert = Callable[..., Bmc]
Sign = Callable[..., bytes]


@pytest.fixture(scope="session")
def firmware() -> Callable[[str], bytes]:
    """The real firmware for a board, built once."""
    built: dict[str, bytes] = {}

    def firmware(board: str) -> bytes:
        if board not in built:
            built[board] = build_image(board)
        return built[board]

    return firmware


@pytest.fixture
def sign(bench: Bench, firmware: Callable[[str], bytes]) -> Sign:
    """The firmware as a signed image with this number."""

    def sign(sequence: int, key: SigningKey | None = None, slot: int | None = None) -> bytes:
        payload = firmware(bench.board)
        return sign_image(payload, key or bench.signing_key, sequence, bench.board, slot=slot)

    return sign


@pytest.fixture
def unit(bench: Bench, insert: Insert, sign: Sign) -> Bmc:
    """A unit in slot 1 that runs OLD from its slot A."""
    bench.ship(sign(OLD))
    return insert(1)


def broken(bench: Bench, sequence: int) -> bytes:
    """A signed image that raises as soon as it runs."""
    app = b"def run(base): raise ValueError('on purpose')"
    payload = romfs.pack({"racklet_bmc": {"__init__.py": b"", "app.py": app}})
    return sign_image(payload, bench.signing_key, sequence, bench.board)


class Interrupted(Exception):
    """The RMC dies."""


def dies_at(phase: Phase, sent: int = 0) -> Callable[[Progress], None]:
    """An RMC that dies when an update gets to that phase, and that many bytes."""

    def die(progress: Progress) -> None:
        if progress.phase is phase and progress.done >= sent:
            raise Interrupted

    return die


@pytest.mark.needs(TRACE)
def test_an_update_is_kept_and_the_rail_stays(bench: Bench, unit: Bmc, sign: Sign) -> None:
    unit.power(PowerCommand.ON)
    enable = bench.trace(1, "EN")
    done = unit.update(Package.of(sign(NEW)))
    assert (done.before, done.sequence) == (OLD, NEW)
    status = unit.image_status()
    assert (status.active_sequence, status.minimum_sequence, status.is_trial) == (NEW, NEW, False)
    assert [level for _, level in enable] == [1]
    bench.reset_bmc(1)
    wait_for(bench, lambda: is_running(unit, NEW), 10)


@pytest.mark.long("rp2040")
def test_the_same_number_again_is_an_update_too(unit: Bmc, sign: Sign) -> None:
    done = unit.update(Package.of(sign(OLD)))
    assert done.before == done.sequence == OLD
    assert unit.image_status().minimum_sequence == OLD


@pytest.mark.long("rp2040")
def test_a_crash_loop_ends_with_the_old_image(bench: Bench, unit: Bmc, sign: Sign) -> None:
    with pytest.raises(Refused, match="crashed on trial"):
        unit.update(Package.of(broken(bench, NEW)))
    assert is_running(unit, OLD)
    assert unit.image_status().minimum_sequence == OLD
    assert unit.update(Package.of(sign(NEW))).sequence == NEW


@pytest.mark.long("rp2040")
@pytest.mark.parametrize(("phase", "sent"), [(Phase.SENDING, 9000), (Phase.TRIAL, 0)])
def test_the_same_update_again_goes_on(unit: Bmc, sign: Sign, phase: Phase, sent: int) -> None:
    package = Package.of(sign(NEW))
    with pytest.raises(Interrupted):
        unit.update(package, dies_at(phase, sent))
    seen: list[Progress] = []
    done = unit.update(package, seen.append)
    assert done.is_resumed
    assert is_running(unit, NEW)
    first = [progress.done for progress in seen if progress.done]
    if phase is Phase.SENDING:
        assert first[0] > 9000
    elif phase is Phase.TRIAL:
        assert first == []


@pytest.mark.long("rp2040")
def test_a_bmc_reset_in_the_middle_goes_on(bench: Bench, unit: Bmc, sign: Sign) -> None:
    package = Package.of(sign(NEW))
    with pytest.raises(Interrupted):
        unit.update(package, dies_at(Phase.SENDING, 20_000))
    bench.reset_bmc(1)
    wait_for(bench, lambda: is_running(unit, OLD), 10)
    seen: list[Progress] = []
    unit.update(package, seen.append)
    steps = [progress.done for progress in seen if progress.phase is Phase.SENDING]
    jumps = [after - before for before, after in zip(steps, steps[1:], strict=False)]
    assert max(jumps) >= 4 * 4096  # what was in the flash already
    assert is_running(unit, NEW)


@pytest.mark.long("rp2040")
def test_a_trial_that_nobody_confirms_ends(bench: Bench, unit: Bmc, sign: Sign) -> None:
    with pytest.raises(Interrupted):
        unit.update(Package.of(sign(NEW)), dies_at(Phase.TRIAL))
    assert unit.image_status().is_trial
    bench.clock.sleep(TRIAL_S + 5)
    wait_for(bench, lambda: is_running(unit, OLD), 10)
    status = unit.image_status()
    assert (status.reason, status.minimum_sequence) == (image.R_TRIAL_EXPIRED, OLD)


@pytest.mark.long("rp2040")
def test_a_power_cut_during_the_trial_uses_up_one_start(
    bench: Bench, unit: Bmc, insert: Insert, sign: Sign
) -> None:
    package = Package.of(sign(NEW))
    with pytest.raises(Interrupted):
        unit.update(package, dies_at(Phase.TRIAL))
    bench.remove(1)
    bench.clock.sleep(1)
    insert(1)
    assert unit.image_status().is_trial
    assert unit.update(package).is_resumed
    assert is_running(unit, NEW)


@pytest.mark.long("rp2040")
def test_a_rollout_stops_where_a_unit_fails(
    bench: Bench, rack: Rack, insert: Insert, sign: Sign
) -> None:
    bench.ship(sign(OLD))
    insert(1, 2, 3)

    def pull_out(progress: Progress) -> None:
        if progress.slot == 2 and progress.phase is Phase.RESTARTING:
            bench.remove(2)

    result = rack.update(Package.of(sign(NEW)), [1, 2, 3], pull_out)
    assert [one.slot for one in result.updated] == [1]
    assert (result.stopped_at, result.untouched) == (2, [3])
    assert isinstance(result.error, Unreachable)
    assert is_running(rack.bmc(1), NEW)
    assert is_running(rack.bmc(3), OLD)


# --- what is refused, by the BMC itself ------------------------------------------------------


def refusal(unit: Bmc, envelope: bytes, component: int = image.FIRMWARE) -> str:
    """The reason that the BMC gives, without the client's own look before."""
    read = read_image(envelope)
    result = unit.send_image(component, read.head, read.payload)
    assert not result.is_accepted
    return result.reason


@pytest.mark.long("rp2040")
def test_an_old_image_is_refused(unit: Bmc, sign: Sign) -> None:
    assert refusal(unit, sign(OLD - 1)) == image.REASON_TEXT[image.R_ROLLBACK]


@pytest.mark.long("rp2040")
def test_an_image_for_the_slot_that_runs_is_refused(unit: Bmc, sign: Sign) -> None:
    assert refusal(unit, sign(NEW, slot=0)) == image.REASON_TEXT[image.R_WRONG_SLOT]
    assert unit.update(Package.of(sign(NEW, slot=1))).sequence == NEW


@pytest.mark.long("rp2040")
def test_an_image_for_a_newer_base_is_refused(bench: Bench, unit: Bmc) -> None:
    payload = romfs.pack({"image.json": b'{"base": %d}' % (BASE + 1)})
    newer = sign_image(payload, bench.signing_key, NEW, bench.board)
    with pytest.raises(Refused, match="base too old"):
        unit.update(Package.of(newer))
    assert is_running(unit, OLD)


def keys(bench: Bench, sequence: int, **lists: object) -> Package:
    """A key manifest of the bench's key."""
    return Package.of(sign_keys(bench.signing_key, sequence, bench.board, **lists))  # type: ignore[arg-type]


@pytest.mark.long("rp2040")
def test_a_denied_version_is_refused(bench: Bench, unit: Bmc, sign: Sign) -> None:
    unit.update(keys(bench, 1, trusted=[bench.signing_key.public], denied=[NEW]))
    assert refusal(unit, sign(NEW)) == image.REASON_TEXT[image.R_DENIED]
    assert unit.update(Package.of(sign(NEW + 1))).sequence == NEW + 1


@pytest.mark.long("rp2040")
def test_keys_are_rotated_and_the_old_one_revoked(bench: Bench, unit: Bmc, sign: Sign) -> None:
    following = SigningKey.generate()
    ours, theirs = bench.signing_key.public, following.public
    unit.update(keys(bench, 1, trusted=[ours, theirs]))
    revocation = Package.of(sign_keys(following, 2, bench.board, trusted=[theirs], revoked=[ours]))
    with pytest.raises(RackletError, match="revoked key"):  # of the image that runs
        unit.update(revocation)
    unit.update(Package.of(sign(NEW, following)))
    unit.update(revocation)
    bench.reset_bmc(1)
    wait_for(bench, lambda: is_running(unit, NEW), 10)
    assert refusal(unit, sign(NEW + 1)) == image.REASON_TEXT[image.R_REVOKED_KEY]


@pytest.mark.long("rp2040")
def test_a_stranger_cannot_change_the_keys(bench: Bench, unit: Bmc) -> None:
    stranger = SigningKey.generate()
    manifest = sign_keys(stranger, 9, bench.board, trusted=[stranger.public])
    assert refusal(unit, manifest, image.KEYS) == image.REASON_TEXT[image.R_BAD_SIGNATURE]


# --- help -----------------------------------------------------------------------------------


def is_running(bmc: Bmc, sequence: int) -> bool:
    """Whether the firmware with this number serves, not just starts."""
    if not bmc.is_present() or bmc.identify().is_starting:
        return False
    return bmc.image_status().active_sequence == sequence


def wait_for(bench: Bench, condition: Callable[[], bool], limit_s: float) -> None:
    end = bench.clock.monotonic() + limit_s
    while not condition():
        assert bench.clock.monotonic() < end, f"not within {limit_s} s"
        bench.clock.sleep(0.050)
