# runs on: cpython, micropython
"""The waveform recorder on the bus: windows, triggers, and what is refused."""

import unittest

from racklet_wire import waveform as w
from tests.fakes.fake_sampler import FakeSampler
from tests.handlers.bmc import Bmc

DATA = 0x40  # STATUS_CML: invalid data


class Case(unittest.TestCase):
    def setUp(self):
        self.bmc = Bmc()
        self.clock = self.bmc.bench.clock
        self.clock.now_ms += 10_000

    def select(self, command=w.SELECT, first=0, number=0):
        self.bmc.write_block("WAVEFORM_SELECT", command=command, first=first, number=number)

    def finish(self):
        self.clock.now_ms += 60
        self.bmc.recorder.step()
        self.bmc.dispatcher.step()

    def status(self):
        return self.bmc.block("WAVEFORM_STATUS")

    def refused(self):
        self.bmc.dispatcher.step()
        bits = self.bmc.cml()
        self.bmc.put(0x03)
        self.bmc.dispatcher.step()
        return bits == DATA


class Waveforms(Case):
    def test_at_the_start_nothing_is_kept(self):
        status = self.status()
        self.assertEqual((status["state"], status["number"], status["frames"]), (w.ARMED, 0, 0))
        scales = (status["vout_scale"], status["vin_scale"], status["efuse_scale"])
        self.assertEqual((scales, status["frame_us"]), ((6_600, 28_050, 7_885), 250))
        self.assertEqual(self.bmc.block("WAVEFORM_WINDOW")["count"], 0)

    def test_a_capture_is_read_in_windows(self):
        frame = self.bmc.recorder._sampler.newest_frame
        self.select(w.TRIGGER)
        self.assertEqual(self.status()["state"], w.TRIGGERED)
        self.finish()
        status = self.status()
        self.assertEqual((status["state"], status["cause"]), (w.KEPT, w.COMMAND))
        samples = []
        for first in range(0, status["frames"], w.WINDOW):
            self.select(first=first)
            window = self.bmc.block("WAVEFORM_WINDOW")
            self.assertEqual((window["first"], window["number"]), (first, 1))
            samples += w.unpack(window["data"])[: window["count"] * 3]
        self.assertEqual(len(samples), status["frames"] * 3)
        at = 3 * status["before"]
        self.assertEqual(
            samples[at : at + 3], [FakeSampler.sample(frame, channel) for channel in range(3)]
        )

    def test_a_window_past_the_end_is_empty(self):
        self.select(w.TRIGGER)
        self.finish()
        self.select(first=0xFFFE)
        window = self.bmc.block("WAVEFORM_WINDOW")
        self.assertEqual((window["first"], window["count"]), (0xFFFE, 0))
        self.assertEqual(window["data"], bytes(27))

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self):
        self.select(w.TRIGGER)
        self.finish()
        self.select(first=6)
        before = self.status(), self.bmc.block("WAVEFORM_WINDOW")
        for command, first, number in ((3, 0, 1), (255, 0, 1), (w.SELECT, 7, 1), (w.ARM, 0, 2)):
            self.select(command, first, number)
            self.assertTrue(self.refused())
        self.assertEqual((self.status(), self.bmc.block("WAVEFORM_WINDOW")), before)

    def test_a_trigger_during_a_download_replaces_what_was_read_and_says_so(self):
        self.select(w.TRIGGER)
        self.finish()
        self.select(first=12)
        self.assertEqual(self.bmc.block("WAVEFORM_WINDOW")["number"], 1)
        self.select(w.TRIGGER)
        window = self.bmc.block("WAVEFORM_WINDOW")
        self.assertEqual((window["number"], window["count"]), (2, 0))

    def test_a_kept_fault_refuses_triggers_until_it_is_let_go(self):
        self.bmc.recorder.on_fault(2)
        self.finish()
        self.assertEqual(self.status()["reason"], 2)
        self.select(w.TRIGGER)
        self.assertTrue(self.refused())
        self.assertEqual(self.status()["number"], 1)
        self.select(w.ARM, number=1)
        self.assertEqual(self.status()["state"], w.ARMED)
        self.select(w.TRIGGER)
        self.assertFalse(self.refused())
        self.assertEqual(self.status()["number"], 2)

    def test_a_write_without_pec_does_nothing(self):
        self.bmc.put(0xF8, 8, w.TRIGGER, 0, 0, 0, 0, 0, 0, 0)
        self.bmc.dispatcher.step()
        self.assertEqual(self.status()["state"], w.ARMED)
