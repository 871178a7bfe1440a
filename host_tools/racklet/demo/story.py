"""What happens in the demo, told through the public clients and the hands of the sim.

Every sentence that it prints is checked against the rack before; when the rack does something
else, the story ends with an error instead of a tale.
"""

from collections.abc import Callable

from racklet_wire import image, power

from racklet.bmc import Bmc
from racklet.cli.status import read_slots
from racklet.demo.stage_clock import StageClock
from racklet.demo.trial_images import TrialImages
from racklet.demo.views import Picture, Rows, View
from racklet.errors import RackletError
from racklet.power import PowerCommand
from racklet.rack import Rack
from racklet.virtual.world import SimulatedRack

_BEAT_S = 0.5  # between two events, for eyes that follow
_SETTLE_S = 2.0  # to look at the figures
_DETECT_LIMIT_S = 5.0
_REDRAW_S = 0.2
_NEIGHBOUR_LOW_MV = 4_850  # USB's and the Raspberry Pi's lower limit is 4.75 V

PULLED, SHORTED, UPDATED = 3, 4, 1


class Story:
    """The demo on `world`, whose clients are those of `rack`."""

    def __init__(
        self, world: SimulatedRack, rack: Rack, clock: StageClock, view: View, picture: Picture
    ) -> None:
        self._world = world
        self._rack = rack
        self._clock = clock
        self._view = view
        self._picture = picture
        self._drawn_at = -_REDRAW_S
        self._is_drawing = False
        clock.on_tick = self._redraw

    def tell(self, images: TrialImages) -> Rows:
        """The whole story; returns the last figures."""
        self._empty_slots()
        self._insert_all()
        self._power_all()
        self._pull_and_return(PULLED)
        self._short_circuit(SHORTED)
        self._images(UPDATED, images)
        return self._look()

    # --- the chapters -----------------------------------------------------------

    def _empty_slots(self) -> None:
        self._chapter("Five empty slots")
        present = self._rack.present()
        self._expect(not present, f"slots {present} answer although they are empty")
        self._say("no slot answers: all five are absent")

    def _insert_all(self) -> None:
        self._chapter("Five units are inserted, one after the other")
        for slot in self._rack.slots:
            self._world.control("insert", slot=slot)
            waited_s = self._wait_for_bmc(slot)
            identity = self._bmc(slot).identify()
            self._say(
                f"slot {slot}: inserted; BMC {identity.serial} answers "
                f"after {waited_s * 1000:.0f} ms",
                "good",
            )
            self._clock.sleep(_BEAT_S)

    def _power_all(self) -> None:
        self._chapter("They are switched on in sequence, so that their inrush does not add up")
        for slot in self._rack.slots:
            self._switch_on(slot)
            self._clock.sleep(_BEAT_S)
        self._clock.sleep(2 * _SETTLE_S)
        total_mw = sum(row["pout_mw"] or 0 for row in self._look())
        self._say(f"all five run and take {total_mw / 1000:.1f} W together")

    def _pull_and_return(self, slot: int) -> None:
        self._chapter("One unit is pulled out while it runs, and put back")
        before_uj = self._bmc(slot).energy().out_uj
        self._world.control("remove", slot=slot)
        waited_s = self._wait(lambda: not self._bmc(slot).is_present(), f"slot {slot} still there")
        self._say(f"slot {slot}: pulled out; ABSENT after {waited_s * 1000:.0f} ms", "bad")
        self._neighbours_are_well(slot)
        self._clock.sleep(_SETTLE_S)
        self._world.control("insert", slot=slot)
        self._wait_for_bmc(slot)
        state = self._bmc(slot).power_state()
        self._expect(state.state != power.ON, f"slot {slot} came back switched on")
        log = [r for r in self._bmc(slot).log() if r.generation < state.generation]
        kept_uj = self._bmc(slot).energy().out_uj
        self._expect(any(r.kind == "removed" for r in log), "the log did not travel along")
        self._expect(kept_uj >= before_uj, "the energy did not travel along")
        self._say(
            f"slot {slot}: back in and off; its log ({len(log)} records) "
            f"and {kept_uj / 1e6:.1f} J came along",
            "good",
        )
        self._clock.sleep(_SETTLE_S)
        self._switch_on(slot)
        self._clock.sleep(_SETTLE_S)

    def _short_circuit(self, slot: int) -> None:
        self._chapter("One unit gets a short circuit on its 5 V rail")
        began_s = self._clock.monotonic()
        self._world.control("short", slot=slot)
        self._wait(
            lambda: self._bmc(slot).power_state().state == power.FAULT,
            f"slot {slot} does not notice its short circuit",
        )
        state = self._bmc(slot).power_state()
        self._expect(state.fault_text == "short circuit", f"the fault was named {state.fault_text}")
        waited_ms = (self._clock.monotonic() - began_s) * 1000
        self._say(
            f"slot {slot}: {state.fault_text}; rail off, {state.vout_mv / 1000:.2f} V, "
            f"known after {waited_ms:.0f} ms",
            "bad",
        )
        self._neighbours_are_well(slot)
        self._clock.sleep(_SETTLE_S)
        self._picture.keep(self._look())
        self._world.control("release", slot=slot)
        self._say(f"slot {slot}: the short is taken away; its fault stays until told")
        self._switch_on(slot)
        self._clock.sleep(_SETTLE_S)

    def _images(self, slot: int, images: TrialImages) -> None:
        self._chapter("Signed images are sent to a BMC, which verifies them itself")
        for sample in images.samples():
            result = self._bmc(slot).send_image(image.FIRMWARE, sample.envelope, sample.payload)
            self._expect(
                result.is_accepted == sample.is_good,
                f"the image with {sample.what} was {result.state}: {result.reason}",
            )
            if result.is_accepted:
                self._say(f"slot {slot}: {sample.what}: accepted, {result.state}", "good")
            else:
                self._say(f"slot {slot}: {sample.what}: refused: {result.reason}", "bad")

    # --- what the chapters are made of --------------------------------------------

    def _switch_on(self, slot: int) -> None:
        began_s = self._clock.monotonic()
        outcome = self._bmc(slot).power(PowerCommand.ON)
        waited_ms = (self._clock.monotonic() - began_s) * 1000
        self._say(
            f"slot {slot}: on, {outcome.state.vout_mv / 1000:.2f} V measured "
            f"after {waited_ms:.0f} ms",
            "good",
        )

    def _neighbours_are_well(self, slot: int) -> None:
        """Say that the others did not notice, if that is so."""
        others = [row for row in self._look() if row["slot"] != slot]
        for row in others:
            self._expect(
                row["state"] == "on" and not row["fault"], f"slot {row['slot']} suffered too"
            )
        low_mv = min(row["vout_mv"] for row in others)
        self._expect(low_mv > _NEIGHBOUR_LOW_MV, f"a neighbour fell to {low_mv} mV")
        self._say(f"its neighbours do not notice: all on, none below {low_mv / 1000:.2f} V")

    def _wait_for_bmc(self, slot: int) -> float:
        return self._wait(lambda: self._bmc(slot).is_present(), f"slot {slot} does not answer")

    def _wait(self, is_true: Callable[[], bool], otherwise: str) -> float:
        """Wait until `is_true()`; how long that took."""
        began_s = self._clock.monotonic()
        while not is_true():
            waited_s = self._clock.monotonic() - began_s
            self._expect(waited_s < _DETECT_LIMIT_S, otherwise)
            self._clock.sleep(0.01)
        return self._clock.monotonic() - began_s

    def _bmc(self, slot: int) -> Bmc:
        return self._rack.bmc(slot)

    # --- showing it ---------------------------------------------------------------

    def _chapter(self, title: str) -> None:
        self._view.chapter(title)
        self._picture.chapter(title)

    def _say(self, text: str, mood: str = "") -> None:
        at_s = self._clock.monotonic()
        self._view.event(at_s, text, mood)
        self._picture.event(at_s, text, mood)

    def _look(self) -> Rows:
        slots = list(self._rack.slots)
        rows = read_slots(self._rack, slots, self._rack.present(patience_s=0))
        self._view.figures(rows)
        return rows

    def _redraw(self) -> None:
        """Called while time passes, from inside other waits: never within itself."""
        now_s = self._clock.monotonic()
        if self._is_drawing or not self._view.is_live or now_s < self._drawn_at + _REDRAW_S:
            return
        self._is_drawing = True
        try:
            self._look()
        finally:
            self._is_drawing = False
            self._drawn_at = now_s

    def _expect(self, is_so: bool, otherwise: str) -> None:
        if not is_so:
            raise RackletError(
                f"the demo did not go as it should: {otherwise}",
                hint="please report it",
                code="demo",
            )
