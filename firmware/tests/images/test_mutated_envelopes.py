"""A thousand broken envelopes: each refused with a reason, by board and host alike, in
bounded memory."""

import random
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator

from fakes.image_board import CLASS, SIGNER, STRANGER, Board, signed
from racklet.images.envelope import HostCrypto
from racklet_base.crypto.curve import BASE, combine, decode_point
from racklet_base.crypto.sha512 import sha512
from racklet_base.services.board_crypto import BoardCrypto
from racklet_wire import cbor, image, suit, suit_manifest

SEED, COUNT = 20260, 1000
PAYLOAD = b"payload of an image"
STREAM, HEAD_SIZE = signed(7, payload=PAYLOAD)
HEAD = suit.split(STREAM)
MANIFEST = HEAD.manifest[2:]  # without its byte-string header
# The points of order 1, 2, 4 and 8 (RFC 8032 encodings) as R or in the place of a key.
SMALL_ORDER = [
    bytes.fromhex(point)
    for point in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    )
]

# With a key of small order trusted by mistake: nothing may be signed by it.
KEYS = [(SIGNER.public_key, False), (STRANGER.public_key, True), (SMALL_ORDER[0], False)]
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493

Mutation = Callable[[random.Random], bytes]


def flip_bits(dice: random.Random) -> bytes:
    data = bytearray(STREAM)
    for _ in range(dice.randint(1, 4)):
        bit = dice.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
    return bytes(data)


def cut_out(dice: random.Random) -> bytes:
    start = dice.randrange(len(STREAM))
    return STREAM[:start] + STREAM[start + dice.randint(1, 40) :]


def put_in(dice: random.Random) -> bytes:
    at = dice.randrange(len(STREAM) + 1)
    return STREAM[:at] + dice.randbytes(dice.randint(1, 40)) + STREAM[at:]


def huge_length(dice: random.Random) -> bytes:
    """A head that promises up to 2**64 - 1 bytes or items, somewhere."""
    at = dice.randrange(HEAD_SIZE)
    major = dice.choice((cbor.BYTES, cbor.TEXT, cbor.ARRAY, cbor.MAP, cbor.TAG))
    return STREAM[:at] + cbor.encode_head(major, dice.getrandbits(64)) + STREAM[at + 1 :]


def deep_nesting(dice: random.Random) -> bytes:
    return STREAM[: dice.randrange(HEAD_SIZE)] + dice.choice((b"\x81", b"\xa1", b"\xc1")) * 800


def swapped_members(dice: random.Random) -> bytes:
    members = [b"\x02" + cbor.encode(HEAD.authentication), b"\x03" + HEAD.manifest]
    members.append(cbor.encode("#app") + cbor.encode(PAYLOAD))
    order = dice.choice(((1, 0, 2), (0, 0, 2), (1, 1, 2), (2, 0, 1), (0, 2), (0, 1, 2, 2), (1, 2)))
    return b"\xd8\x6b" + bytes((0xA0 | len(order),)) + b"".join(members[i] for i in order)


def other_algorithm(dice: random.Random) -> bytes:
    """Signed rightly, but the header names another algorithm, or the digest does."""
    digest = suit.digest_of(MANIFEST, BoardCrypto())
    if dice.random() < 0.5:
        digest = cbor.encode([dice.choice((-43, -44, -18, 1, "SHA-256")), digest[4:]])
    algorithm = dice.choice((-7, -9, -46, 0, 5, -20))
    signature = SIGNER.sign(suit.to_be_signed(digest, algorithm))
    return suit.envelope(suit.seal(digest, signature, algorithm), MANIFEST, PAYLOAD)


def forged_signature(dice: random.Random) -> bytes:
    """R of small or mixed order, S out of range, somebody else's, or of the small-order key."""
    digest = suit.digest_of(MANIFEST, BoardCrypto())
    good = SIGNER.sign(suit.to_be_signed(digest))
    s = int.from_bytes(good[32:], "little")
    signature = dice.choice(
        (
            dice.choice(SMALL_ORDER) + good[32:],
            dice.choice(SMALL_ORDER) + bytes(32),
            good[:32] + (s + ORDER).to_bytes(32, "little"),
            mixed_order(suit.to_be_signed(digest)),
            SMALL_ORDER[0] + bytes(32),  # S = 0: by RFC 8032 alone good for any message
            good + b"\x00",
            good[:-1],
            b"",
            STRANGER.sign(suit.to_be_signed(digest)),
            dice.randbytes(64),
        )
    )
    return suit.envelope(suit.seal(digest, signature), MANIFEST, PAYLOAD)


def mixed_order(message: bytes) -> bytes:
    """Made with the trusted key, R moved by the point of order 2: a check that multiplies by
    the cofactor would accept it."""
    moved = moved_by_order_2(combine(BASE, 0, 12345))
    k = int.from_bytes(sha512(moved + SIGNER.public_key + message), "little")
    return moved + ((12345 + k * SIGNER.scalar) % ORDER).to_bytes(32, "little")


def moved_by_order_2(point: bytes) -> bytes:
    """(x, y) + (0, -1) = (-x, -y)."""
    encoded = int.from_bytes(point, "little")
    sign, y = encoded >> 255, encoded & (1 << 255) - 1
    return ((1 - sign) << 255 | P - y).to_bytes(32, "little")


def signed_nonsense(dice: random.Random) -> bytes:
    """Signed by the trusted key, but the manifest is broken."""
    data = bytearray(MANIFEST)
    for _ in range(dice.randint(1, 3)):
        data[dice.randrange(len(data))] = dice.getrandbits(8)
    return SIGNER.envelope_of(bytes(data), PAYLOAD)


def signed_duplicate_keys(dice: random.Random) -> bytes:
    """Signed by the trusted key, with a member of the manifest there twice."""
    manifest = cbor.decode(MANIFEST)
    assert isinstance(manifest, dict)
    twice = dice.choice(list(manifest))
    members = [key for key in manifest for _ in range(1 + (key == twice))]
    pairs = [cbor.encode(key) + cbor.encode(manifest[key]) for key in members]
    return SIGNER.envelope_of(bytes([0xA0 | len(pairs)]) + b"".join(pairs), PAYLOAD)


def signed_stranger_commands(dice: random.Random) -> bytes:
    """Signed by the trusted key, deterministic, but outside the profile."""
    manifest = cbor.decode(MANIFEST)
    assert isinstance(manifest, dict)
    member = dice.choice((7, 20))
    sequence = cbor.decode(manifest[member])
    assert isinstance(sequence, list)
    code = dice.choice((6, 12, 14, 15, 18, 22, 23, 24, 31, 32, -256, 2**64 - 1))
    at = 2 * dice.randint(0, len(sequence) // 2)
    sequence[at:at] = [code, dice.choice((0, 15, {}, b""))]
    manifest[member] = cbor.encode(sequence)
    if dice.random() < 0.3:
        manifest[dice.choice((4, 8, 9, 16, 23, -300))] = b""
    return SIGNER.envelope_of(cbor.encode(manifest), PAYLOAD)


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    cut_out,
    put_in,
    huge_length,
    deep_nesting,
    swapped_members,
    other_algorithm,
    forged_signature,
    signed_nonsense,
    signed_duplicate_keys,
    signed_stranger_commands,
)


def mutated() -> Iterator[tuple[str, bytes]]:
    dice = random.Random(SEED)
    for number in range(COUNT):
        mutation = MUTATIONS[number % len(MUTATIONS)]
        yield f"{mutation.__name__} {number}", mutation(dice)


def verdict(stream: bytes, crypto: suit.Crypto) -> int:
    """The reason that one end gives."""
    try:
        head = suit.split(stream)
        suit.authenticate(head, KEYS, crypto)
        manifest = suit_manifest.read(head)
        suit_manifest.match(
            manifest, component=image.FIRMWARE, class_id=CLASS, slot=0, minimum=7, denied=[]
        )
        if stream[head.payload_at :] != PAYLOAD or crypto.sha256(PAYLOAD) != manifest.digest:
            return image.R_DIGEST_MISMATCH
    except suit.Refused as refused:
        return refused.reason
    except suit.Incomplete:
        return image.R_INCOMPLETE
    return image.R_NONE


def test_the_unbroken_one_is_good() -> None:
    assert verdict(STREAM, BoardCrypto()) == verdict(STREAM, HostCrypto()) == image.R_NONE


def test_the_mixed_order_signature_is_good_but_for_its_order() -> None:
    """S B = R + k A holds after R is moved back."""
    message = b"whatever"
    signature = mixed_order(message)
    back = moved_by_order_2(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    k = int.from_bytes(sha512(signature[:32] + SIGNER.public_key + message), "little") % ORDER
    assert combine(decode_point(SIGNER.public_key), k, s) == back


def test_all_are_refused_by_board_and_host_alike() -> None:
    board, host = BoardCrypto(), HostCrypto()
    reasons: Counter[str] = Counter()
    for name, stream in mutated():
        reason = verdict(stream, board)
        assert reason == verdict(stream, host), name
        assert reason != image.R_NONE or stream == STREAM, name
        reasons[image.REASON_TEXT[reason]] += 1
    assert len(reasons) >= 9, reasons  # the mutations reach every part of the checks


def test_the_image_service_refuses_them_and_stores_nothing() -> None:
    board = Board()
    for name, stream in list(mutated())[::3]:
        before = bytes(board.romfs.data)
        reason = board.send(stream, min(HEAD_SIZE, max(1, len(stream) - 1)))
        assert reason != image.R_NONE or stream == STREAM, name
        # Only behind a head that a trusted key signed may a payload be stored.
        is_signed = stream[:HEAD_SIZE] == STREAM[:HEAD_SIZE] or name.startswith("signed")
        assert board.romfs.data == before or is_signed, name


def test_memory_stays_bounded() -> None:
    streams = [stream for _, stream in mutated()][:250]
    for stream in streams[:20]:
        verdict(stream, BoardCrypto())  # what is made once is made
    tracemalloc.start()
    for stream in streams:
        verdict(stream, BoardCrypto())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 48 * 1024
