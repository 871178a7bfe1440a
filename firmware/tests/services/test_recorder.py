# runs on: cpython, micropython
"""The waveform recorder: both sides of a trigger, the first fault kept, late and lost captures."""

import unittest

from racklet_bmc.services.recorder import AFTER, BEFORE, EDGE_US, Recorder
from racklet_wire import waveform as w
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_sampler import FakeSampler

SHORT_CIRCUIT = 2
CAPTURE_MS = AFTER // 4 + 1


class Case(unittest.TestCase):
    def setUp(self):
        self.clock = FakeClock()
        self.sampler = FakeSampler(self.clock)
        self.recorder = Recorder(self.clock, self.sampler)
        self.wakes = []
        self.recorder.wake = lambda: self.wakes.append(1)
        self.clock.now_ms = 10_000

    def pass_ms(self, ms):
        self.clock.now_ms += ms

    def frames(self):
        """The frame number of every frame of the capture, from its packed samples."""
        data = b""
        while piece := self.recorder.read(len(data) * w.WINDOW // w.WINDOW_BYTES):
            data += piece
        samples = w.unpack(data)
        for i, sample in enumerate(samples):
            self.assertEqual(sample % 3, i % 3)  # every channel in its place
        return [sample // 3 for sample in samples[::3]]


class Captures(Case):
    def test_both_sides_of_the_trigger(self):
        self.pass_ms(7)
        trigger_frame = self.sampler.newest_frame
        self.assertTrue(self.recorder.trigger(w.COMMAND))
        self.assertEqual(self.recorder.state, w.TRIGGERED)
        self.assertEqual(self.recorder.read(0), b"")
        self.pass_ms(CAPTURE_MS - 1)
        self.recorder.step()
        self.assertEqual(self.recorder.state, w.TRIGGERED)
        self.assertEqual(self.recorder.period_ms(), 1)
        self.pass_ms(1)
        self.recorder.step()
        self.assertEqual(self.recorder.state, w.KEPT)
        self.assertEqual((self.recorder.frames, self.recorder.before), (BEFORE + AFTER, BEFORE))
        self.assertEqual(self.recorder.triggered_ms, 10_007)
        frames = self.frames()
        self.assertEqual(len(frames), BEFORE + AFTER)
        start = trigger_frame - BEFORE
        self.assertEqual(frames[0], start % 1365)
        self.assertEqual(frames[BEFORE], trigger_frame % 1365)

    def test_a_late_copy_has_fewer_frames_before_and_is_right(self):
        trigger_frame = self.sampler.newest_frame
        self.recorder.trigger(w.COMMAND)
        self.pass_ms(100)
        self.recorder.step()
        self.assertEqual(self.recorder.state, w.KEPT)
        before = self.recorder.before
        self.assertEqual(before, (512 - 4 - 400) & ~1)
        self.assertEqual(self.frames()[before], trigger_frame % 1365)

    def test_a_capture_that_the_ring_lost_is_counted_and_not_shown(self):
        self.recorder.trigger(w.FAULT, SHORT_CIRCUIT)
        self.pass_ms(400)
        self.recorder.step()
        self.assertEqual((self.recorder.state, self.recorder.missed), (w.ARMED, 1))
        self.assertEqual(self.recorder.read(0), b"")
        self.assertTrue(self.recorder.trigger(w.COMMAND))

    def test_what_was_not_sampled_yet_is_not_shown(self):
        recorder = Recorder(self.clock, self.sampler)
        self.pass_ms(5)
        recorder.trigger(w.COMMAND)
        self.pass_ms(CAPTURE_MS)
        recorder.step()
        self.assertEqual(recorder.before, 18)  # of the 20 frames since the start

    def test_sampling_that_began_anew_ends_a_capture_under_way(self):
        self.recorder.trigger(w.COMMAND)
        self.sampler.disturbed = True
        self.recorder.step()
        self.assertEqual((self.recorder.state, self.recorder.missed), (w.ARMED, 1))
        self.recorder.trigger(w.COMMAND)
        self.pass_ms(CAPTURE_MS)
        self.recorder.step()
        self.assertEqual(self.recorder.before, 0)

    def test_the_last_window_ends_with_the_capture(self):
        self.recorder.trigger(w.COMMAND)
        self.pass_ms(CAPTURE_MS)
        self.recorder.step()
        self.assertEqual(len(self.recorder.read(318)), 9)
        self.assertEqual(self.recorder.read(320), b"")
        self.assertEqual(self.recorder.read(65_534), b"")
        with self.assertRaises(ValueError):
            self.recorder.read(7)

    def test_it_is_called_while_something_passes(self):
        self.assertFalse(self.recorder.is_called())
        self.recorder.on_latch()
        self.assertTrue(self.recorder.is_called())
        self.recorder.step()
        self.assertFalse(self.recorder.is_called())
        self.pass_ms(CAPTURE_MS)
        self.assertTrue(self.recorder.is_called())
        self.recorder.step()
        self.assertFalse(self.recorder.is_called())

    def test_an_armed_recorder_is_seldom_looked_at(self):
        self.assertEqual(self.recorder.period_ms(), 1_000)


class Triggers(Case):
    def keep(self, cause, reason=0):
        self.recorder.trigger(cause, reason)
        self.pass_ms(CAPTURE_MS)
        self.recorder.step()
        self.assertEqual(self.recorder.state, w.KEPT)

    def test_the_first_fault_is_kept(self):
        self.keep(w.FAULT, SHORT_CIRCUIT)
        first = self.frames()
        self.pass_ms(500)
        self.recorder.on_fault(5)
        self.recorder.on_latch()
        self.recorder.step()
        self.assertFalse(self.recorder.trigger(w.COMMAND))
        self.assertEqual((self.recorder.number, self.recorder.reason), (1, SHORT_CIRCUIT))
        self.assertEqual(self.frames(), first)

    def test_any_other_gives_way(self):
        for cause in (w.POWER_ON, w.COMMAND, w.POWER_ON, w.FAULT):
            self.pass_ms(1_000)
            self.keep(cause)
            self.assertEqual(self.recorder.cause, cause)
        self.assertEqual(self.recorder.number, 4)

    def test_a_capture_under_way_gives_way_to_a_fault_only(self):
        self.recorder.trigger(w.POWER_ON)
        self.assertFalse(self.recorder.trigger(w.COMMAND))
        self.assertFalse(self.recorder.trigger(w.POWER_ON))
        self.pass_ms(6)
        self.recorder.on_fault(SHORT_CIRCUIT)
        self.assertEqual((self.recorder.cause, self.recorder.number), (w.FAULT, 2))
        self.assertFalse(self.recorder.trigger(w.FAULT))

    def test_arming_needs_the_number_of_what_is_kept(self):
        with self.assertRaises(ValueError):
            self.recorder.arm(0)
        self.keep(w.FAULT, SHORT_CIRCUIT)
        with self.assertRaises(ValueError):
            self.recorder.arm(2)
        self.assertEqual(self.recorder.state, w.KEPT)
        self.recorder.arm(1)
        self.assertEqual((self.recorder.state, self.recorder.cause), (w.ARMED, w.NONE))
        self.assertEqual(self.recorder.read(0), b"")
        self.assertTrue(self.recorder.trigger(w.FAULT))

    def test_the_latch_triggers_where_it_was_set(self):
        self.recorder.on_latch()
        self.assertTrue(self.wakes)
        self.pass_ms(3)
        self.recorder.step()
        self.assertEqual((self.recorder.cause, self.recorder.triggered_ms), (w.POWER_ON, 10_000))

    def test_a_fault_is_recorded_around_the_edge_of_its_pin(self):
        edge_frame = self.sampler.newest_frame
        self.recorder.on_edge()
        self.assertEqual(self.recorder.state, w.ARMED)  # an edge alone is no fault
        self.pass_ms(8)
        self.recorder.on_fault(SHORT_CIRCUIT)
        self.assertEqual(self.recorder.triggered_ms, 10_000)
        self.pass_ms(CAPTURE_MS - 8)
        self.recorder.step()
        self.assertEqual(self.frames()[BEFORE], edge_frame % 1365)

    def test_the_first_edge_of_a_fault_counts(self):
        self.recorder.on_edge()  # power good
        self.pass_ms(12)
        self.recorder.on_edge()  # the alert of a monitor
        self.recorder.on_fault(SHORT_CIRCUIT)
        self.assertEqual(self.recorder.triggered_ms, 10_000)

    def test_an_edge_without_a_fault_does_not_stand_for_a_later_one(self):
        self.recorder.on_edge()
        self.pass_ms(30_000)
        self.recorder.on_edge()
        self.pass_ms(5)
        self.recorder.on_fault(SHORT_CIRCUIT)
        self.assertEqual(self.recorder.triggered_ms, 40_000)

    def test_an_old_edge_is_another_matter(self):
        self.recorder.on_edge()
        self.pass_ms(EDGE_US // 1000 + 1)
        self.recorder.on_fault(SHORT_CIRCUIT)
        self.assertEqual(self.recorder.triggered_ms, self.clock.now_ms)

    def test_turning_on_into_a_fault_is_the_capture_of_the_fault(self):
        self.recorder.on_latch()
        self.recorder.on_fault(SHORT_CIRCUIT)
        self.recorder.step()
        self.assertEqual((self.recorder.cause, self.recorder.number), (w.FAULT, 2))
