"""Sets the stage of the demo, has the story told, and says what to try next."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from racklet.demo.stage_clock import StageClock
from racklet.demo.story import Story
from racklet.demo.trial_images import MINIMUM, TrialImages
from racklet.demo.views import Picture, Rows, View, choose_view
from racklet.errors import FileProblem
from racklet.rack import SLOTS, Rack
from racklet.virtual.world import open_virtual_rack

SPEED_UP = 10  # of boot profiles: a Raspberry Pi would take 22 s to its login prompt

_TITLE = "virtual rack"


def show(svg: Path | None) -> None:
    """Play the demo; write its picture to `svg` when given."""
    picture = Picture(_TITLE)
    images = TrialImages()  # signed with a key that exists only in this process
    with (
        _terminable(),
        open_virtual_rack(
            SLOTS, speed_up=SPEED_UP, trusted_key=images.public_key, minimum_sequence=MINIMUM
        ) as world,
    ):
        view = choose_view(_TITLE)
        try:
            _introduce(view)
            clock = StageClock(world, is_paced=view.is_live)
            rack = Rack(world.bus, SLOTS, clock)
            rows = Story(world, rack, clock, view, picture).tell(images)
            _sum_up(view, clock.monotonic(), rows)
        finally:
            view.close()
    if svg is not None:
        try:
            picture.save(svg)
        except OSError as error:
            raise FileProblem(f"cannot write {svg}: {error.strerror}") from None


def _introduce(view: View) -> None:
    view.chapter("A Racklet with five slots, each BMC a process of real MicroPython")
    view.event(0.0, "simulated around them: supply, contacts, sensors, compute units")
    view.event(0.0, f"compute units boot {SPEED_UP} times faster than life, nothing else does")


def _sum_up(view: View, end_s: float, rows: Rows) -> None:
    view.chapter("What you saw")
    for row in rows:
        view.event(
            end_s,
            f"slot {row['slot']}: {row['state']}, {row['vout_mv'] / 1000:.2f} V, "
            f"{row['pout_mw'] / 1000:.2f} W, {row['energy_uj'] / 1e6:.1f} J used",
        )
    view.event(end_s, "5 units inserted and powered, 1 pulled hot and put back,")
    view.event(end_s, "1 short circuit survived, 1 image accepted, 2 refused")
    view.chapter("To try it yourself: racklet rack, or make rack in a clone")


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does, and Ctrl-C works even where a
    script put the demo in the background, so that no BMC process is ever left."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup has it
        numbers.append(signal.SIGHUP)
    old = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)
