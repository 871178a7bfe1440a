# runs on: cpython, micropython
"""The event log: chain, generations, floods, acknowledgement, power cuts."""

import binascii
import hashlib
import struct
import unittest

from racklet_base.services.eventlog import BURST, EventLog
from racklet_wire import cbor, events
from service_fakes import PowerCut, RamFlash
from tests.fakes.fake_clock import FakeClock


def records(log: EventLog) -> "list[dict]":
    return [cbor.decode(log.read(number)) for number in range(log.first, log.last + 1)]


def broken_links(log: EventLog) -> "list[int]":
    """Sequence numbers of records that do not fit the one before them."""
    broken = []
    for number in range(log.first + 1, log.last + 1):
        before, record = log.read(number - 1), cbor.decode(log.read(number))
        if record[events.PREVIOUS] != hashlib.sha256(before).digest()[:8]:
            broken.append(number)
    return broken


class Records(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.flash = RamFlash(3)
        self.log = EventLog(self.flash, self.clock)

    def test_a_record(self) -> None:
        self.clock.now_ms = 1_234
        self.assertEqual(self.log.append(events.FAULT, reason=2, note="x" * 300), 1)
        self.assertEqual(
            cbor.decode(self.log.read(1)),
            {0: 1, 1: 1, 2: 1_234, 4: events.FAULT, 5: bytes(8), "reason": 2, "note": "x" * 120},
        )

    def test_time_once_the_rmc_gave_it(self) -> None:
        self.clock.now_ms = 5_000
        self.log.set_time(1_700_000_000_000)
        self.clock.now_ms = 7_500
        self.log.append(events.TIME)
        self.assertEqual(records(self.log)[0][events.UNIX_MS], 1_700_000_002_500)

    def test_generations_and_chain_across_restarts(self) -> None:
        for generation in range(1, 6):
            self.assertEqual(self.log.generation, generation)
            self.assertEqual(self.log.boot_first, self.log.last + 1)
            self.log.append(events.BOOT)
            self.log.append(events.STATE, state=generation)
            self.log = EventLog(self.flash, self.clock)
        self.assertEqual(
            [record[events.GENERATION] for record in records(self.log)][::2], [1, 2, 3, 4, 5]
        )
        self.assertEqual(broken_links(self.log), [])

    def test_a_change_breaks_the_chain(self) -> None:
        for number in range(6):
            self.log.append(number + 1, value=number)
        first = self.log.read(3)
        at = bytes(self.flash.data).find(first)
        record = cbor.decode(first)
        record["value"] = 7
        other = cbor.encode(record)
        page = struct.pack("<IB", 3, len(other)) + other
        page += struct.pack("<I", binascii.crc32(page))
        self.flash.data[at - 5 : at - 5 + len(page)] = page
        self.assertEqual(broken_links(EventLog(self.flash, self.clock)), [4])

    def test_acknowledge(self) -> None:
        for number in range(1, 6):
            self.log.append(number)
        self.assertEqual(self.log.acknowledged, 0)
        self.assertTrue(self.log.acknowledge(3))
        self.assertFalse(self.log.acknowledge(2))
        self.assertFalse(self.log.acknowledge(9))
        self.assertEqual(EventLog(self.flash, self.clock).acknowledged, 3)

    def test_lost_counts_what_nobody_acknowledged(self) -> None:
        for number in range(60):
            self.clock.now_ms += 20_000
            self.log.append(events.STATE, state=number)
            self.log.maintain()
        self.assertEqual(self.log.lost, self.log.first - 1)
        self.log.acknowledge(self.log.last)
        self.assertEqual(self.log.lost, 0)

    def test_event_that_does_not_fit_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            self.log.append(events.CRASH, a="x" * 120, b="y" * 120)
        self.assertEqual(self.log.last, 0)


class Floods(unittest.TestCase):
    def setUp(self) -> None:
        self.clock = FakeClock()
        self.log = EventLog(RamFlash(3), self.clock)

    def test_first_and_last_are_there_and_the_rest_is_counted(self) -> None:
        for number in range(1_000):
            self.clock.now_ms += 10
            self.log.append(events.WARNING, value=number)
        self.clock.now_ms += 11_000
        self.log.maintain()
        found = records(self.log)
        self.assertEqual(len(found), BURST + 1)
        self.assertEqual([record["value"] for record in found], list(range(BURST)) + [999])
        self.assertEqual(found[-1][events.COUNT], 1_000 - BURST)
        self.assertEqual(found[-1][events.LAST_MS], 10_000)

    def test_an_endless_flood_is_written_every_ten_seconds_at_most(self) -> None:
        for number in range(36_000):  # one hour
            self.clock.now_ms += 100
            self.log.append(events.WARNING, value=number)
            if number % 10 == 0:
                self.log.maintain()
        self.log.flush()
        self.assertLess(self.log.last - BURST, 3_600 // 10 + 3)

    def test_no_event_goes_uncounted(self) -> None:
        seen = 0
        for number in range(5_000):
            self.clock.now_ms += (number * 37 % 50) ** 2
            self.log.append(events.WARNING, value=number)
            self.log.maintain()
            seen = max(seen, self.log.last)
        self.log.flush()
        total = 0
        last = records(self.log)
        for record in last:
            total += record.get(events.COUNT, 1)
        first_kept = last[0]["value"] - (last[0].get(events.COUNT, 1) - 1)
        self.assertEqual(total, 5_000 - first_kept)

    def test_what_a_reset_cut_short_is_counted_at_the_next_start(self) -> None:
        flash = RamFlash(3)
        log = EventLog(flash, self.clock)
        for number in range(40):
            self.clock.now_ms += 100
            log.append(events.STATE, state=number)
        reset_ms, self.clock.now_ms = self.clock.now_ms, 0
        log = EventLog(flash, self.clock)
        log.append(events.BOOT, cause="reset")
        log.maintain()
        last = records(log)[-1]
        self.assertEqual((last[events.KIND], last[events.COUNT]), (events.STATE, 40 - BURST))
        self.assertEqual((last["boot"], last[events.LAST_MS]), (1, reset_ms))
        again = EventLog(flash, self.clock)
        again.maintain()
        self.assertEqual(again.last, log.last)

    def test_a_flood_that_was_written_down_is_not_counted_again(self) -> None:
        flash = RamFlash(3)
        log = EventLog(flash, self.clock)
        for number in range(40):
            log.append(events.STATE, state=number)
        log.flush()
        again = EventLog(flash, self.clock)
        again.maintain()
        self.assertEqual(again.last, log.last)

    def test_other_kinds_are_not_held_back(self) -> None:
        for number in range(100):
            self.log.append(events.WARNING, value=number)
        self.assertTrue(self.log.append(events.FAULT, reason=1) > 0)

    def test_last_gasp_is_written_whatever_floods(self) -> None:
        for _ in range(50):
            self.log.append(events.WARNING)
        self.assertTrue(self.log.append(events.WARNING, last_gasp=True, value=7) > 0)

    def test_what_came_before_last_words_stands_before_them(self) -> None:
        for number in range(50):
            self.log.append(events.STATE, state=number)
        self.log.append(events.STATE, last_gasp=True, state=99)
        self.log.flush()
        states = [record["state"] for record in records(self.log)]
        self.assertEqual(states, list(range(BURST)) + [49, 99])


class PowerCuts(unittest.TestCase):
    def test_no_acknowledged_record_is_lost(self) -> None:
        clock = FakeClock()
        for cut_at in range(75):
            for permille in (0, 40, 500, 995):
                flash = RamFlash(3, cut_at)
                flash.cut_at, flash.permille = cut_at, permille
                kept = {}
                try:
                    log = EventLog(flash, clock)
                    for number in range(100):
                        clock.now_ms += 20_000
                        sequence = log.append(events.STATE, state=number)
                        kept[sequence] = log.read(sequence)
                        log.acknowledge(sequence)
                        log.maintain()
                except PowerCut:
                    pass
                log = EventLog(flash, clock)
                for sequence in range(max(len(kept) - 12, 1), len(kept) + 1):
                    self.assertEqual(log.read(sequence), kept[sequence], (cut_at, permille))
                log.append(events.BOOT)
                log.append(events.STATE, state=0)
                self.assertEqual(broken_links(EventLog(flash, clock)), [], (cut_at, permille))


if __name__ == "__main__":
    unittest.main()
