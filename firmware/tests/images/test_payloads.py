# runs on: cpython, micropython
"""Compute payloads: verified by their measured digest, never older than what was confirmed."""

import unittest
from hashlib import sha256

from fakes.image_board import CLASS, SIGNER, STRANGER, Board, signed
from racklet_base.services import payloads
from racklet_wire import image, key_set, suit_manifest

DISK = b"what a compute unit boots" * 1000
DIGEST = sha256(DISK).digest()
FAMILY, OTHER = b"family of disks.", b"another family.."


def manifest(sequence, family=CLASS, signer=SIGNER):
    """(head, its size) of a payload's signed manifest; the measured digest follows it."""
    about = suit_manifest.Manifest(
        sequence, DIGEST, len(DISK), class_id=family, component=image.COMPUTE, uri="payload"
    )
    return signer.envelope(None, about)


class Payloads(unittest.TestCase):
    def setUp(self):
        self.board = Board()

    def verify(self, head, digest=DIGEST):
        return self.board.send(head + digest, len(head), image.COMPUTE)

    def confirm(self, head, digest=DIGEST):
        self.assertEqual(self.verify(head, digest), image.R_NONE)
        self.board.command(image.COMMAND_CONFIRM, head + digest)
        return self.board.images.reason

    def name_families(self, *families):
        document = key_set.write([SIGNER.public_key], [], [], list(families))
        sequence = self.board.keys.sequence + 1
        stream, head_size = signed(sequence, payload=document, component=image.KEYS)
        self.assertEqual(self.board.send(stream, head_size, image.KEYS), image.R_NONE)

    def test_what_was_measured_is_what_was_signed(self):
        self.assertIsNone(self.board.payloads.verified)
        self.assertEqual(self.verify(manifest(3)), image.R_NONE)
        self.assertEqual(self.board.payloads.verified, (CLASS, 3))
        self.assertEqual(self.board.images.state, image.VERIFIED)

    def test_another_digest_is_refused_and_nothing_stays_verified(self):
        self.verify(manifest(3))
        self.assertEqual(self.verify(manifest(4), bytes(32)), image.R_DIGEST_MISMATCH)
        self.assertIsNone(self.board.payloads.verified)

    def test_a_stranger_and_another_family_are_refused(self):
        self.assertEqual(self.verify(manifest(3, signer=STRANGER)), image.R_BAD_SIGNATURE)
        self.assertEqual(self.verify(manifest(3, FAMILY)), image.R_WRONG_CLASS)
        self.assertIsNone(self.board.payloads.verified)

    def test_only_confirmation_raises_the_minimum(self):
        self.verify(manifest(5))
        self.assertEqual(self.verify(manifest(4)), image.R_NONE)
        self.assertEqual(self.confirm(manifest(5)), image.R_NONE)
        self.assertEqual(self.board.images.state, image.CONFIRMED)
        self.assertEqual(self.verify(manifest(4)), image.R_ROLLBACK)
        self.assertEqual(self.verify(manifest(5)), image.R_NONE)

    def test_the_minimum_outlives_a_restart_and_what_was_verified_does_not(self):
        self.confirm(manifest(5))
        self.board.start()
        self.assertIsNone(self.board.payloads.verified)
        self.assertEqual(self.verify(manifest(4)), image.R_ROLLBACK)

    def test_the_minimum_never_falls(self):
        self.confirm(manifest(5))
        self.confirm(manifest(5))
        before = bytes(self.board.payload_flash.data)
        self.board.send(manifest(4) + DIGEST, len(manifest(4)), image.COMPUTE)
        self.board.command(image.COMMAND_CONFIRM, manifest(4) + DIGEST)
        self.assertEqual(bytes(self.board.payload_flash.data) == before, True)

    def test_each_family_has_its_own_minimum(self):
        self.name_families(FAMILY, OTHER)
        self.confirm(manifest(9, FAMILY))
        self.assertEqual(self.confirm(manifest(2, OTHER)), image.R_NONE)
        self.assertEqual(self.verify(manifest(8, FAMILY)), image.R_ROLLBACK)
        self.assertEqual(self.board.payloads.minimum(OTHER), 2)

    def test_named_families_take_the_place_of_the_boards_own(self):
        self.name_families(FAMILY)
        self.assertEqual(self.verify(manifest(1)), image.R_WRONG_CLASS)
        self.assertEqual(self.verify(manifest(1, FAMILY)), image.R_NONE)

    def test_the_store_cannot_be_filled(self):
        families = [bytes([number]) * 16 for number in range(payloads.FAMILIES_MAX + 1)]
        for family in families[:-1]:
            self.name_families(family)
            self.assertEqual(self.confirm(manifest(3, family)), image.R_NONE)
        self.name_families(families[-1])
        self.assertEqual(self.confirm(manifest(3, families[-1])), image.R_TOO_LARGE)
        self.assertEqual(self.board.payloads.minimum(families[0]), 3)

    def test_the_firmwares_minimum_is_another_one(self):
        self.board.install(7)
        self.assertEqual(self.confirm(manifest(2)), image.R_NONE)
        self.assertEqual(self.board.boot_state.minimum, 7)

    def test_confirmation_needs_the_transfer_that_was_verified(self):
        self.verify(manifest(5))
        self.assertEqual(self.board.command(image.COMMAND_CONFIRM), image.R_BUSY)
        self.board.payloads.forget()
        self.board.command(image.COMMAND_CONFIRM, manifest(5) + DIGEST)
        self.assertEqual(self.board.images.reason, image.R_NOT_VERIFIED)
        self.assertEqual(self.board.payloads.minimum(CLASS), 0)

    def test_verified_firmware_is_not_confirmed_without_its_trial(self):
        stream, head_size = signed(3)
        self.board.send(stream, head_size)
        reason = self.board.command(image.COMMAND_CONFIRM, stream)
        self.assertEqual(reason, image.R_BUSY)
        self.assertEqual(self.board.boot_state.minimum, 0)


if __name__ == "__main__":
    unittest.main()
