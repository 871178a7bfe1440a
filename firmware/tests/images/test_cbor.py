# runs on: cpython, micropython
"""Deterministic CBOR against the examples of RFC 8949, appendix A and section 4.2."""

import unittest

from racklet_wire import cbor

# RFC 8949 appendix A, without floats, undefined and indefinite lengths.
APPENDIX_A = (
    (0, "00"),
    (1, "01"),
    (10, "0a"),
    (23, "17"),
    (24, "1818"),
    (25, "1819"),
    (100, "1864"),
    (1000, "1903e8"),
    (1000000, "1a000f4240"),
    (1000000000000, "1b000000e8d4a51000"),
    (18446744073709551615, "1bffffffffffffffff"),
    (-18446744073709551616, "3bffffffffffffffff"),
    (-1, "20"),
    (-10, "29"),
    (-100, "3863"),
    (-1000, "3903e7"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
    (cbor.Tag(0, "2013-03-21T20:04:00Z"), "c074323031332d30332d32315432303a30343a30305a"),
    (cbor.Tag(1, 1363896240), "c11a514b67b0"),
    (cbor.Tag(23, b"\x01\x02\x03\x04"), "d74401020304"),
    (cbor.Tag(24, b"dIETF"), "d818456449455446"),
    (b"", "40"),
    (b"\x01\x02\x03\x04", "4401020304"),
    ("", "60"),
    ("a", "6161"),
    ("IETF", "6449455446"),
    ('"\\', "62225c"),
    ("\u00fc", "62c3bc"),
    ("\u6c34", "63e6b0b4"),
    ("\U00010151", "64f0908591"),
    ([], "80"),
    ([1, 2, 3], "83010203"),
    ([1, [2, 3], [4, 5]], "8301820203820405"),
    (list(range(1, 26)), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
    ({}, "a0"),
    ({1: 2, 3: 4}, "a201020304"),
    ({"a": 1, "b": [2, 3]}, "a26161016162820203"),
    (["a", {"b": "c"}], "826161a161626163"),
)

REFUSED = (
    ("", "nothing"),
    ("0000", "a byte too many"),
    ("1817", "23 in two bytes"),
    ("190018", "24 in three bytes"),
    ("1a0000ffff", "16 bits in five bytes"),
    ("1b00000000ffffffff", "32 bits in nine bytes"),
    ("3817", "-24 in two bytes"),
    ("580141", "length in two bytes"),
    ("9801f6", "array length in two bytes"),
    ("d80000", "tag in two bytes"),
    ("18", "half a head"),
    ("1b00000000", "half a long head"),
    ("1c", "reserved length"),
    ("5f4101ff", "byte string in pieces"),
    ("7f6161ff", "text in pieces"),
    ("9fff", "array without length"),
    ("bfff", "map without length"),
    ("ff", "stray break"),
    ("f7", "undefined"),
    ("f0", "unassigned simple value"),
    ("f820", "simple value in two bytes"),
    ("f93c00", "half float"),
    ("fa47c35000", "float"),
    ("fb3ff199999999999a", "double"),
    ("4401", "short byte string"),
    ("5bffffffffffffffff00", "byte string of 2**64 - 1 bytes"),
    ("62c328", "bad UTF-8"),
    ("63eda080", "surrogate in UTF-8"),
    ("62c080", "overlong UTF-8"),
    ("64f4908080", "UTF-8 beyond U+10FFFF"),
    ("61ff", "byte that UTF-8 never has"),
    ("8201", "short array"),
    ("9bffffffffffffffff", "array of 2**64 - 1 items"),
    ("9a7fffffff00", "array of 2**31 - 1 items"),
    ("bb7fffffffffffffff", "map of 2**63 - 1 pairs"),
    ("a2010201ff", "short map"),
    ("a201020103", "key twice"),
    ("a203040102", "keys out of order"),
    ("a2616201616102", "text keys out of order"),
    ("a2200218180118180000", "keys sorted by length (RFC 7049)"),
    ("a1f500", "true as a key"),
    ("a18000", "array as a key"),
    ("a1c00000", "tag as a key"),
    ("81" * 9 + "00", "nested nine deep"),
    ("c1" * 9 + "00", "nine tags"),
    ("a100" * 9 + "00", "nine maps"),
)


class Encode(unittest.TestCase):
    def test_rfc_8949_appendix_a(self):
        for value, wire in APPENDIX_A:
            self.assertEqual(cbor.encode(value).hex(), wire)

    def test_map_keys_are_sorted_by_their_encoded_bytes(self):
        # RFC 8949 section 4.2.1, the keys of its example that are no arrays or constants.
        keys = {"aa": 0, -1: 0, "z": 0, 100: 0, 10: 0}
        self.assertEqual(cbor.encode(keys).hex(), "a50a001864002000617a0062616100")
        self.assertEqual(cbor.encode({24: 1, -1: 2}).hex(), "a21818012002")

    def test_a_tuple_is_an_array_and_any_buffer_a_byte_string(self):
        self.assertEqual(
            cbor.encode((1, bytearray(b"\x02"), memoryview(b"\x03"))).hex(), "830141024103"
        )

    def test_what_has_no_encoding_raises(self):
        for value in (1 << 64, -(1 << 64) - 1, {True: 0}, {(1,): 0}, 1.5, object(), {None: 1}):
            with self.assertRaises(cbor.CborError):
                cbor.encode(value)


class Decode(unittest.TestCase):
    def test_rfc_8949_appendix_a(self):
        for value, wire in APPENDIX_A:
            self.assertEqual(cbor.decode(bytes.fromhex(wire)), value)

    def test_constants_stay_constants(self):
        self.assertTrue(cbor.decode(b"\xf5") is True)
        self.assertTrue(cbor.decode(b"\xf4") is False)

    def test_what_an_encoder_would_not_write_is_refused(self):
        for wire, why in REFUSED:
            try:
                value = cbor.decode(bytes.fromhex(wire))
            except cbor.CborError:
                continue
            self.assertEqual(why, value)  # fails, and says which one

    def test_eight_levels_are_allowed(self):
        self.assertEqual(cbor.decode(b"\x81" * 8 + b"\x00"), [[[[[[[[0]]]]]]]])

    def test_items_are_limited(self):
        self.assertEqual(len(cbor.decode(b"\x99\x01\xff" + bytes(511))), 511)
        with self.assertRaises(cbor.CborError):
            cbor.decode(b"\x99\x02\x00" + bytes(512))

    def test_any_buffer_is_read(self):
        for kind in (bytes, bytearray, memoryview):
            self.assertEqual(cbor.decode(kind(b"\x82\x41\x01\x61a")), [b"\x01", "a"])

    def test_strings_are_copies(self):
        wire = bytearray(b"\x43abc")
        value = cbor.decode(wire)
        wire[1] = 0
        self.assertEqual(value, b"abc")


if __name__ == "__main__":
    unittest.main()
