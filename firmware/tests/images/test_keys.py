# runs on: cpython, micropython
"""Keys on the board: provisioned once, then changed by signed key manifests only."""

import unittest

from fakes.image_board import PAYLOAD, SIGNER, STRANGER, Board, signed
from fakes.signer import Signer
from racklet_base.services.keys import KeyStore
from racklet_wire import cbor, image, key_set

NEXT = Signer("next release")


def manifest(sequence, trusted, revoked=(), denied=(), signer=SIGNER):
    """(stream, size of its head) of a key manifest."""
    keys = [[key.public_key for key in group] for group in (trusted, revoked)]
    return document(sequence, key_set.write(keys[0], keys[1], list(denied)), signer)


def document(sequence, payload, signer=SIGNER):
    return signed(sequence, signer=signer, payload=payload, component=image.KEYS)


class Keys(unittest.TestCase):
    def setUp(self):
        self.board = Board()

    def send(self, stream, head_size):
        return self.board.send(stream, head_size, image.KEYS)

    def kept(self, reason, stream, head_size):
        """Refused with this reason, and the key set stays, after a restart as well."""
        before = bytes(self.board.key_flash.data)
        self.assertEqual(self.send(stream, head_size), reason)
        self.assertEqual(bytes(self.board.key_flash.data) == before, True)

    def test_keys_are_provisioned_once(self):
        with self.assertRaises(ValueError):
            self.board.keys.provision(STRANGER.public_key)
        self.assertEqual(KeyStore(self.board.key_flash).current.trusted, [SIGNER.public_key])

    def test_rotation_then_revocation(self):
        self.assertEqual(self.send(*manifest(1, [SIGNER, NEXT])), image.R_NONE)
        self.board.start()
        self.assertEqual(self.board.send(*signed(1, signer=NEXT)), image.R_NONE)
        revocation = manifest(2, [NEXT], revoked=[SIGNER], signer=NEXT)
        self.assertEqual(self.send(*revocation), image.R_NONE)
        self.board.start()
        self.assertEqual(self.board.send(*signed(2)), image.R_REVOKED_KEY)
        self.assertEqual(self.board.send(*signed(2, signer=NEXT)), image.R_NONE)

    def test_a_revoked_key_cannot_bring_itself_back(self):
        self.send(*manifest(1, [SIGNER, NEXT]))
        self.send(*manifest(2, [NEXT], revoked=[SIGNER], signer=NEXT))
        self.kept(image.R_REVOKED_KEY, *manifest(3, [SIGNER]))

    def test_a_stranger_adds_no_key(self):
        self.kept(image.R_BAD_SIGNATURE, *manifest(1, [STRANGER], signer=STRANGER))

    def test_manifests_do_not_go_back(self):
        stream, head_size = manifest(3, [SIGNER, NEXT])
        self.send(stream, head_size)
        self.kept(image.R_ROLLBACK, *manifest(2, [SIGNER]))
        self.kept(image.R_ROLLBACK, *manifest(3, [SIGNER]))
        self.kept(image.R_NONE, stream, head_size)  # the same again costs no flash

    def test_a_denied_version_is_refused(self):
        self.send(*manifest(1, [SIGNER], denied=[8, 9]))
        self.assertEqual(self.board.send(*signed(9)), image.R_DENIED)
        self.assertEqual(self.board.send(*signed(10)), image.R_NONE)

    def test_the_image_that_runs_is_never_made_unbootable(self):
        self.board.install(5)
        self.send(*manifest(1, [SIGNER, NEXT]))
        self.kept(image.R_REVOKED_KEY, *manifest(2, [NEXT], revoked=[SIGNER]))
        self.kept(image.R_BAD_SIGNATURE, *manifest(2, [NEXT]))
        self.kept(image.R_DENIED, *manifest(2, [SIGNER], denied=[5]))

    def test_nonsense_is_refused_even_signed(self):
        self.kept(image.R_NO_KEYS, *manifest(1, []))
        self.kept(image.R_NO_KEYS, *manifest(1, [SIGNER], revoked=[SIGNER]))
        self.kept(image.R_TOO_LARGE, *manifest(1, [SIGNER] * 5))
        self.kept(image.R_TOO_LARGE, *manifest(1, [SIGNER], denied=range(17)))
        for payload in (b"\xa0", b"\x80", b"", cbor.encode({1: [b"short"], 2: [], 3: []})):
            reason = self.send(*document(1, payload or b"\x00"))
            self.assertIn(reason, (image.R_MALFORMED, image.R_UNSUPPORTED))

    def test_a_full_set_fits_its_record(self):
        full = manifest(1, [SIGNER] * 4, revoked=[STRANGER] * 8, denied=[2**63] * 16)
        self.assertEqual(self.send(*full), image.R_NONE)
        self.board.start()
        self.assertEqual(len(self.board.keys.current.denied), 16)

    def test_firmware_is_no_key_manifest(self):
        stream, head_size = signed(1, payload=PAYLOAD[:500])
        self.kept(image.R_WRONG_CLASS, stream, head_size)


if __name__ == "__main__":
    unittest.main()
