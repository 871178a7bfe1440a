# runs on: cpython, micropython
"""The flash ring through every power cut: no record that was reported written is lost."""

import unittest

from racklet_base.services.ring import CAPACITY, Ring
from service_fakes import PAGE, SECTOR, PowerCut, RamFlash

PER_SECTOR = SECTOR // PAGE
KEPT = PER_SECTOR - 4  # of the newest, however the sectors fall: two restarts skip four pages


def payload(number: int) -> bytes:
    return bytes([number & 0xFF, number >> 8 & 0xFF]) * (5 + number % 40)


class RingKeepsRecords(unittest.TestCase):
    def test_empty_ring_has_nothing(self) -> None:
        ring = Ring(RamFlash(3))
        self.assertEqual((ring.first, ring.last, ring.marked), (0, 0, 0))
        self.assertIsNone(ring.read(0))
        self.assertIsNone(ring.read(1))

    def test_records_are_there_after_a_restart(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 21):
            self.assertEqual(ring.append(payload(number)), number)
        again = Ring(flash)
        self.assertEqual((again.first, again.last), (1, 20))
        for number in range(1, 21):
            self.assertEqual(again.read(number), payload(number))

    def test_oldest_sector_makes_room(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 200):
            ring.append(payload(number))
            ring.maintain()
            kept = range(ring.first, ring.last + 1)
            self.assertGreaterEqual(len(kept), min(number, PER_SECTOR))
            self.assertIsNone(ring.read(ring.first - 1))
        for number in kept:
            self.assertEqual(ring.read(number), payload(number))

    def test_maintained_ring_never_erases_in_append(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 200):
            ring.maintain()
            self.assertFalse(ring.maintain())
            before = flash.erases
            ring.append(payload(number))
            self.assertEqual(flash.erases, before)

    def test_each_page_is_programmed_once_between_erases(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 100):
            before = flash.operations - flash.erases
            ring.append(payload(number))
            self.assertEqual(flash.operations - flash.erases, before + 1)

    def test_a_restart_costs_one_page(self) -> None:
        flash = RamFlash(3)
        for number in range(1, 8):
            self.assertEqual(Ring(flash).append(payload(number)), number)
        self.assertEqual(flash.data[13 * PAGE :], b"\xff" * (len(flash.data) - 13 * PAGE))
        ring = Ring(flash)
        self.assertEqual(flash.data[14 * PAGE :], b"\xff" * (len(flash.data) - 14 * PAGE))
        self.assertEqual([ring.read(number) is not None for number in range(1, 8)], [True] * 7)

    def test_too_long_record_changes_nothing(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        ring.append(bytes(CAPACITY))
        with self.assertRaises(ValueError):
            ring.append(bytes(CAPACITY + 1))
        self.assertEqual(ring.last, 1)

    def test_mark_survives_a_restart(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 9):
            ring.append(payload(number))
        self.assertTrue(ring.mark(5))
        self.assertFalse(ring.mark(9))
        self.assertTrue(ring.mark(3))
        self.assertEqual(ring.marked, 5)
        self.assertEqual(Ring(flash).marked, 5)

    def test_newest_mark_is_found_far_back(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 31):
            ring.append(payload(number))
            if number in (3, 7):
                ring.mark(number)
        Ring(flash)  # burns a page, which bears no mark
        self.assertEqual(Ring(flash).marked, 7)

    def test_the_start_of_an_empty_ring_looks_at_its_ends(self) -> None:
        flash = RamFlash(32)
        Ring(flash)
        self.assertEqual(flash.reads, 2)

    def test_the_newest_sector_is_found_wherever_the_ring_stands(self) -> None:
        flash = RamFlash(8)
        ring = Ring(flash)
        for number in range(1, 8 * PER_SECTOR * 2 + 20):
            ring.append(payload(number))
            if number % 5 == 0:
                ring.maintain()
            again = Ring(flash.copy())
            self.assertEqual((again.first, again.last), (ring.first, number))

    def test_a_damaged_sector_hides_no_newer_one(self) -> None:
        for damaged in range(6):
            for newest in range(6):
                flash = RamFlash(8)
                ring = Ring(flash)
                for number in range(1, (8 + newest) * PER_SECTOR + 4):
                    ring.append(payload(number))
                if damaged != newest:
                    for at in range(damaged * SECTOR, (damaged + 1) * SECTOR, 7):
                        flash.data[at] ^= 0x5A
                self.assertEqual(Ring(flash).last, number)

    def test_a_start_reads_few_pages(self) -> None:
        flash = RamFlash(32)
        ring = Ring(flash)
        for number in range(1, 21):
            ring.append(payload(number))
        flash.reads = 0
        ring = Ring(flash)
        # Sector 0, five halvings, the newest one again and the one before it, three more records
        # and a blank page, the two sectors ahead and sector 0, and the page burnt
        self.assertEqual(flash.reads, 1 + 5 + 2 + 4 + 3 + 1)
        self.assertEqual(ring.marked, 0)
        self.assertEqual(flash.reads, 16 + 2 + 1)  # two sectors, and the page burnt

    def test_last_gasp_never_erases(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 3 * PER_SECTOR + 1):
            ring.append(payload(number))
        erases = flash.erases
        self.assertEqual(ring.append(payload(0), True), 0)  # not maintained: no room
        self.assertEqual(ring.last, 3 * PER_SECTOR)
        ring.maintain()
        self.assertEqual(ring.append(payload(0), True), 3 * PER_SECTOR + 1)
        self.assertEqual(flash.erases, erases + 1)

    def test_damaged_record_is_a_hole_and_the_rest_stays(self) -> None:
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 9):
            ring.append(payload(number))
        flash.data[3 * PAGE + 6] ^= 0x10  # record 4
        again = Ring(flash)
        self.assertIsNone(again.read(4))
        self.assertEqual(again.read(3), payload(3))
        self.assertEqual((again.first, again.last), (1, 8))

    def test_garbage_is_an_empty_ring(self) -> None:
        for byte in (0x00, 0x5A):
            flash = RamFlash(3)
            flash.data[:] = bytes([byte]) * len(flash.data)
            ring = Ring(flash)
            self.assertEqual(ring.last, 0)
            ring.append(payload(1))
            self.assertEqual(Ring(flash).read(1), payload(1))


class WeakCells(unittest.TestCase):
    """Cells that a cut left in between read now so, now so."""

    def setUp(self) -> None:
        self.flash = RamFlash(3, 5)
        ring = Ring(self.flash)
        for number in range(1, 6):
            ring.append(payload(number))

    def test_a_burnt_page_not_quite_erased_is_no_record(self) -> None:
        """Its length alone still reads 0: the CRC-32 of FF FF FF FF 00 is FF FF FF FF."""
        flash = RamFlash(3)
        ring = Ring(flash)
        for number in range(1, 4):
            ring.append(payload(number))
        for page in (5, PER_SECTOR, PER_SECTOR + 3):
            flash.data[page * PAGE : (page + 1) * PAGE] = b"\xff" * PAGE
            flash.data[page * PAGE + 4] = 0
        again = Ring(flash)
        self.assertEqual((again.first, again.last), (1, 3))
        self.assertEqual(again.append(payload(4)), 4)
        self.assertEqual(Ring(flash).last, 4)

    def test_a_last_record_that_reads_well_once_reads_well_for_ever(self) -> None:
        for seed in range(1, 20):
            self.flash = RamFlash(3, seed)
            ring = Ring(self.flash)
            for number in range(1, 6):
                ring.append(payload(number))
            self.flash.weak[4 * PAGE + 8] = 0x04  # a bit of record 5 that should be 0
            self.flash.data[4 * PAGE + 8] &= ~0x04 & 0xFF
            last = Ring(self.flash).last
            for _ in range(8):
                ring = Ring(self.flash)
                self.assertEqual(ring.last, last)
                self.assertEqual(ring.read(last), payload(last))

    def test_a_page_that_only_looks_blank_is_not_written_to(self) -> None:
        for restarts in range(1, 4):
            self.setUp()
            for at in range(0, 64, 3):
                self.flash.weak[5 * PAGE + at] = 0x80
            for _ in range(restarts):
                ring = Ring(self.flash)
            ring.append(payload(6))
            for _ in range(8):
                self.assertEqual(ring.read(6), payload(6))
                self.assertEqual(Ring(self.flash).last, 6)

    def test_nor_one_behind_a_page_that_was_skipped_before(self) -> None:
        Ring(self.flash)  # skips page 5; then a record in page 6 is torn and looks blank
        for at in range(0, 64, 3):
            self.flash.weak[6 * PAGE + at] = 0x80
        ring = Ring(self.flash)
        ring.append(payload(6))
        for _ in range(8):
            self.assertEqual(ring.read(6), payload(6))

    def test_a_sector_that_only_looks_erased_is_erased_again(self) -> None:
        ring = Ring(self.flash)
        while ring.last < PER_SECTOR - 2:  # the last page of the first sector
            ring.append(payload(ring.last + 1))
        for at in range(SECTOR, 2 * SECTOR, 5):
            self.flash.weak[at] = 0x01
        ring = Ring(self.flash)
        for _ in range(4):
            ring.append(payload(ring.last + 1))
        for _ in range(8):
            self.assertEqual(ring.read(ring.last), payload(ring.last))


class RingSurvivesPowerCuts(unittest.TestCase):
    SECTORS = 3
    RECORDS = 3 * PER_SECTOR + 5

    def write_on(self, flash: RamFlash, ring: Ring, written: dict, until: int) -> None:
        """Append and maintain as a service does, noting what was reported written."""
        while ring.last < until:
            number = ring.last + 1
            assert ring.append(payload(number)) == number
            written[number] = payload(number)
            ring.maintain()

    def check(self, flash: RamFlash, written: dict, where: object) -> Ring:
        ring = Ring(flash)
        newest = max(written) if written else 0
        self.assertIn(ring.last, (newest, newest + 1), where)
        for _ in range(2):  # weak bits may read otherwise the second time
            for number in range(max(newest - KEPT + 1, 1), ring.last + 1):
                self.assertEqual(ring.read(number), payload(number), where)
        return ring

    def cut_and_recover(self, cut_at: int, permille: int, again_after: "int | None") -> None:
        where = (cut_at, permille, again_after)
        flash = RamFlash(self.SECTORS, cut_at * 7 + permille)
        flash.cut_at, flash.permille = cut_at, permille
        written = {}
        try:
            self.write_on(flash, Ring(flash), written, self.RECORDS)
            return
        except PowerCut:
            pass
        if again_after is not None:
            flash.cut_at = flash.operations + again_after
            try:
                ring = self.check(flash, written, where)
                written.update({ring.last: payload(ring.last)} if ring.last else {})
                self.write_on(flash, ring, written, ring.last + 20)
            except PowerCut:
                pass
        flash.cut_at = None
        ring = self.check(flash, written, where)
        self.write_on(flash, ring, written, ring.last + 2 * PER_SECTOR)
        self.check(flash, written, where)

    def test_every_operation_at_every_degree(self) -> None:
        flash = RamFlash(self.SECTORS)
        self.write_on(flash, Ring(flash), {}, self.RECORDS)
        for cut_at in range(flash.operations):
            for permille in (0, 30, 500, 970, 1000):
                self.cut_and_recover(cut_at, permille, None)

    def test_a_second_cut_soon_after_the_first(self) -> None:
        for cut_at in range(0, 60, 3):
            for again_after in range(5):
                for permille in (20, 600, 990):
                    self.cut_and_recover(cut_at, permille, again_after)


if __name__ == "__main__":
    unittest.main()
