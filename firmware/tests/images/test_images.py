# runs on: cpython, micropython
"""The image service through its public door: transfers, refusals, trial and confirmation."""

import asyncio
import unittest
from hashlib import sha256

from fakes.image_board import CLASS, PAYLOAD, STRANGER, Board, signed, transfer_id
from racklet_base.services import boot_state, images, slots
from racklet_wire import events, image, suit, suit_manifest


class Transfer(unittest.TestCase):
    def setUp(self):
        self.board = Board()

    def refused(self, reason, stream, head_size, component=image.FIRMWARE):
        before = bytes(self.board.romfs.data)
        self.assertEqual(self.board.send(stream, head_size, component), reason)
        self.assertEqual(self.board.images.state, image.REFUSED)
        self.assertEqual(bytes(self.board.romfs.data) == before, True)

    def test_a_signed_image_is_verified_and_stored(self):
        self.assertEqual(self.board.send(*signed(7)), image.R_NONE)
        self.assertEqual(self.board.images.status()[0], image.VERIFIED)
        self.assertEqual(self.board.images.sequence, 7)
        slot = slots.slots(self.board.romfs)[slots.A]
        stored = b"".join([bytes(piece) for piece in slot.pieces(len(PAYLOAD), 500)])
        self.assertEqual(stored == PAYLOAD, True)

    def test_the_first_sector_stays_blank(self):
        self.board.install(1)
        self.board.install(2)
        self.assertEqual(self.board.romfs.data[:4096].count(b"\xff"), 4096)

    def test_a_stranger_is_refused_before_anything_is_stored(self):
        self.refused(image.R_BAD_SIGNATURE, *signed(1, signer=STRANGER))

    def test_a_named_stranger_is_an_unknown_key(self):
        manifest = suit_manifest.Manifest(1, sha256(PAYLOAD).digest(), 10040, class_id=CLASS)
        name = sha256(STRANGER.public_key).digest()[: suit.KEY_ID_SIZE]
        stream = STRANGER.envelope(PAYLOAD, manifest, key_id=name)
        self.refused(image.R_UNKNOWN_KEY, stream, len(stream) - len(PAYLOAD))

    def test_other_boards_are_refused(self):
        self.refused(image.R_WRONG_CLASS, *signed(1, class_id=b"some other board"))
        self.refused(image.R_WRONG_VENDOR, *signed(1, vendor=b"some other maker"))
        self.refused(image.R_WRONG_SLOT, *signed(1, slot=slots.B))
        self.refused(image.R_WRONG_CLASS, *signed(1, component=image.KEYS))

    def test_an_image_for_a_newer_base_is_refused(self):
        self.refused(image.R_BASE, *signed(1, base=suit_manifest.BASE + 1))
        self.assertEqual(self.board.send(*signed(1, base=suit_manifest.BASE)), image.R_NONE)

    def test_a_changed_manifest_is_refused(self):
        stream, head_size = signed(1)
        at = stream.index(CLASS)
        self.refused(image.R_DIGEST_MISMATCH, stream[:at] + b"C" + stream[at + 1 :], head_size)

    def test_a_changed_payload_is_refused_and_cannot_be_resumed(self):
        stream, head_size = signed(1)
        tampered = stream[:-1] + bytes((stream[-1] ^ 1,))
        self.assertEqual(self.board.send(tampered, head_size), image.R_DIGEST_MISMATCH)
        self.assertEqual(self.board.images.state, image.REFUSED)
        self.assertIsNone(slots.slots(self.board.romfs)[slots.A].head())
        self.assertEqual(self.board.send(stream, head_size), image.R_NONE)

    def test_an_older_image_is_refused_and_an_equal_one_is_not(self):
        self.board.install(5)
        self.refused(image.R_ROLLBACK, *signed(4))
        self.assertEqual(self.board.send(*signed(5)), image.R_NONE)

    def test_a_number_that_would_be_cut_short_is_refused(self):
        """The flash keeps 32 bits: 2**32 + 1 would let the minimum fall to 1."""
        self.board.install(5)
        self.refused(image.R_TOO_LARGE, *signed(2**32 + 1))
        self.board.install(2**32 - 1)
        self.board.start()
        self.assertEqual(self.board.boot_state.minimum, 2**32 - 1)

    def test_sizes_are_checked_first(self):
        stream, head_size = signed(1)
        self.refused(image.R_TOO_LARGE, stream + bytes(8 * 4096), head_size)
        self.refused(image.R_WRONG_SIZE, stream[:-1], head_size)
        self.refused(image.R_MALFORMED, stream, head_size - 1)
        self.refused(image.R_MALFORMED, stream, 1)
        self.refused(image.R_MALFORMED, stream, 0)
        self.refused(image.R_TOO_LARGE, stream, suit.HEAD_MAX + 1)

    def test_chunks_in_any_order_make_the_same_image(self):
        stream, head_size = signed(3)
        service = self.board.images
        service.begin(image.FIRMWARE, head_size, len(stream), 1)
        self.assertFalse(service.chunk(30, stream[30:60]))  # ahead
        self.assertTrue(service.chunk(0, stream[:30]))
        self.assertFalse(service.chunk(0, stream[:30]))  # again
        self.assertTrue(service.chunk(20, stream[20:50]))  # overlapping
        self.assertEqual(service.received, 50)

    def test_an_abort_ends_a_transfer_at_any_time(self):
        stream, head_size = signed(3)
        for sent in (0, 30, head_size, 3000):
            service = self.board.images
            service.begin(image.FIRMWARE, head_size, len(stream), 1)
            while service.received < sent:
                at = service.received // image.CHUNK * image.CHUNK
                if not service.chunk(at, stream[at : at + image.CHUNK]):
                    self.board.work()
            self.assertEqual(service.command(image.COMMAND_ABORT, 1), image.R_NONE)
            self.board.work()
            self.assertEqual(service.status()[:2], (image.IDLE, image.R_ABORTED))
            self.assertFalse(service.chunk(service.received, stream[:30]))

    def test_finish_before_the_end_is_incomplete(self):
        stream, head_size = signed(3)
        self.board.images.begin(image.FIRMWARE, head_size, len(stream), 1)
        self.assertEqual(self.board.images.command(image.COMMAND_FINISH, 1), image.R_INCOMPLETE)
        self.assertEqual(self.board.images.command(image.COMMAND_FINISH, 2), image.R_NO_TRANSFER)

    def test_a_transfer_goes_on_after_a_restart(self):
        stream, head_size = signed(3)
        service = self.board.images
        service.begin(image.FIRMWARE, head_size, len(stream), transfer_id(stream))
        while service.received < head_size + 5000:
            at = service.received // image.CHUNK * image.CHUNK
            if not service.chunk(at, stream[at : at + image.CHUNK]):
                self.board.work()
        self.board.work()
        self.board.start()
        service = self.board.images
        service.begin(image.FIRMWARE, head_size, len(stream), transfer_id(stream))
        for at in range(0, head_size, image.CHUNK):
            service.chunk(at, stream[at : at + image.CHUNK])
        self.board.work()
        self.assertEqual(service.received, head_size + 4096)
        self.assertEqual(self.board.send(stream, head_size), image.R_NONE)


class Pause(unittest.TestCase):
    def test_work_ends_the_pause_early(self):
        board = Board()
        stream, head_size = signed(1)

        async def scene():
            pause = asyncio.create_task(board.images.pause(3_600_000))
            await asyncio.sleep(0)
            board.images.begin(image.FIRMWARE, head_size, len(stream), 1)
            for at in range(0, head_size, image.CHUNK):
                board.images.chunk(at, stream[at : at + image.CHUNK])
            await asyncio.wait_for(pause, 10)

        asyncio.run(scene())
        board.images.step()
        self.assertEqual(board.images.sequence, 1)

    def test_without_work_it_ends_in_time(self):
        asyncio.run(Board().images.pause(1))


class Trial(unittest.TestCase):
    def setUp(self):
        self.board = Board()
        self.board.install(5)
        self.stream, head_size = signed(6)
        self.board.send(self.stream, head_size)

    def test_the_log_tells_of_every_step(self):
        self.board.command(image.COMMAND_ACTIVATE, self.stream)
        self.board.start()
        self.board.command(image.COMMAND_REVERT)
        self.board.start()
        self.board.send(*signed(4))
        steps = [
            (kind, fields["number"], fields.get("reason")) for kind, fields in self.board.logged
        ]
        self.assertEqual(
            steps,
            [
                (events.IMAGE_ACCEPTED, 5, None),
                (events.IMAGE_ACTIVATED, 5, None),
                (events.IMAGE_CONFIRMED, 5, None),
                (events.IMAGE_ACCEPTED, 6, None),
                (events.IMAGE_ACTIVATED, 6, None),
                (events.IMAGE_REVERTED, 6, "aborted"),
                (events.IMAGE_REFUSED, 0, "sequence too old (rollback)"),
            ],
        )

    def test_without_an_image_there_is_only_recovery(self):
        self.assertIsNone(Board().running)

    def test_activation_restarts_into_the_new_image_on_trial(self):
        self.assertEqual(self.board.command(image.COMMAND_ACTIVATE, self.stream), image.R_NONE)
        self.assertEqual(self.board.restarts, 2)
        self.board.start()
        self.assertEqual(self.board.running, (slots.B, 6))
        self.assertEqual(self.board.images.state, image.TRIAL)
        self.assertEqual(self.board.boot_state.minimum, 5)
        self.assertEqual(self.board.images.transfer_id, transfer_id(self.stream))

    def test_only_confirmation_raises_the_minimum(self):
        self.board.command(image.COMMAND_ACTIVATE, self.stream)
        self.board.start()
        self.assertEqual(self.board.command(image.COMMAND_CONFIRM), image.R_NONE)
        self.assertEqual(self.board.images.state, image.CONFIRMED)
        self.board.start()
        self.assertEqual(self.board.running, (slots.B, 6))
        self.assertEqual(self.board.boot_state.minimum, 6)

    def test_revert_goes_back_to_the_confirmed_image(self):
        self.board.command(image.COMMAND_ACTIVATE, self.stream)
        self.board.start()
        self.board.command(image.COMMAND_REVERT)
        self.assertEqual(self.board.images.state, image.REVERTED)
        self.board.start()
        self.assertEqual(self.board.running, (slots.A, 5))
        self.assertEqual(self.board.boot_state.reason, image.R_ABORTED)

    def test_a_crash_loop_reverts(self):
        self.board.command(image.COMMAND_ACTIVATE, self.stream)
        for _ in range(boot_state.ATTEMPTS):
            self.board.start()
            self.assertEqual(self.board.running, (slots.B, 6))
        self.board.start()
        self.assertEqual(self.board.running, (slots.A, 5))
        self.assertEqual(self.board.boot_state.reason, image.R_CRASHED)

    def test_a_trial_that_nobody_confirms_expires(self):
        self.board.command(image.COMMAND_ACTIVATE, self.stream)
        self.board.start()
        self.board.clock.now_ms = images.TRIAL_MS - 1
        self.board.work()
        self.assertEqual(self.board.images.state, image.TRIAL)
        self.board.clock.now_ms = images.TRIAL_MS
        self.board.work()
        self.assertEqual(self.board.images.reason, image.R_TRIAL_EXPIRED)
        self.board.start()
        self.assertEqual(self.board.running, (slots.A, 5))

    def test_on_trial_no_transfer_can_destroy_the_confirmed_image(self):
        self.board.command(image.COMMAND_ACTIVATE, self.stream)
        self.board.start()
        self.assertEqual(self.board.images.begin(image.FIRMWARE, 100, 200, 9), image.R_BUSY)

    def test_an_image_that_rotted_in_the_flash_is_not_run(self):
        slot_a = slots.slots(self.board.romfs)[slots.A]
        self.board.romfs.data[slot_a.payload_at + 100] ^= 1
        self.board.start()
        self.assertEqual(self.board.running, (slots.B, 6))  # verified, and not older
        self.board.romfs.data[slots.slots(self.board.romfs)[slots.B].payload_at] ^= 1
        self.board.start()
        self.assertIsNone(self.board.running)

    def test_what_runs_for_want_of_the_confirmed_image_raises_no_minimum(self):
        slot_a = slots.slots(self.board.romfs)[slots.A]
        self.board.romfs.data[slot_a.payload_at + 100] ^= 1
        self.board.start()
        self.assertEqual(self.board.running, (slots.B, 6))
        self.assertEqual(self.board.boot_state.minimum, 5)
        self.assertEqual(self.board.send(*signed(5, payload=b"mended")), image.R_NONE)

    def test_an_image_for_a_newer_base_is_not_run(self):
        """An older UF2 was flashed."""
        stream, head_size = signed(7, base=suit_manifest.BASE + 1)
        slot_b = slots.slots(self.board.romfs)[slots.B]
        slot_b.open(stream[:head_size], 1)
        for at in range(0, len(PAYLOAD), 256):
            slot_b.write_page(at, PAYLOAD[at : at + 256])
        self.board.boot_state.start_trial(slots.B)
        self.board.start()
        self.assertEqual(self.board.running, (slots.A, 5))
        self.assertEqual(self.board.boot_state.reason, image.R_BASE)


if __name__ == "__main__":
    unittest.main()
