"""A key pair and its public half, between raw bytes and PEM."""

import hashlib
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError
from racklet_wire import suit

from racklet.errors import FileProblem, Refused


@dataclass(frozen=True)
class PublicKey:
    """A public key; `raw` is 32 bytes as in RFC 8032."""

    raw: bytes

    @classmethod
    def from_pem(cls, pem: bytes, name: str = "this file") -> Self:
        """Read SubjectPublicKeyInfo PEM; FileProblem if it is anything else."""
        try:
            key = serialization.load_pem_public_key(pem)
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise FileProblem(f"{name} is no Ed25519 public key in PEM")
        return cls(key.public_bytes_raw())

    def pem(self) -> bytes:
        """SubjectPublicKeyInfo, as `openssl pkey -pubout` writes it."""
        return Ed25519PublicKey.from_public_bytes(self.raw).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def id(self) -> bytes:
        """The key id that an envelope may name."""
        return hashlib.sha256(self.raw).digest()[: suit.KEY_ID_SIZE]

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is of this key, with the verdicts that the boards give."""
        if len(signature) != 64:
            return False
        try:
            crypto_sign_open(signature + message, self.raw)
        except CryptoError:
            return False
        return True


class SigningKey:
    """A key pair in memory. Nothing here prints or stores the secret half unencrypted."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = PublicKey(key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> Self:
        """A new key; keep it with `KeyStore.add`, or throw it away."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of a 32-byte seed, for published test vectors."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None, name: str = "this file") -> Self:
        """Read PKCS#8 PEM. Refused when the passphrase is wrong, FileProblem when it is no
        such file."""
        try:
            key = serialization.load_pem_private_key(pem, passphrase)
        except TypeError:
            needs = "needs a passphrase" if passphrase is None else "is not encrypted"
            raise FileProblem(f"{name} {needs}") from None
        except ValueError as error:
            if passphrase is not None and b"ENCRYPTED" in pem:
                raise Refused(
                    f"the passphrase does not open {name}", code="wrong_passphrase"
                ) from error
            raise FileProblem(f"{name} is no private key in PEM") from error
        except UnsupportedAlgorithm as error:
            raise FileProblem(f"{name} is encrypted in a way not known here") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise FileProblem(f"{name} is no Ed25519 key")
        return cls(key)

    def pem(self, passphrase: bytes) -> bytes:
        """Encrypted PKCS#8 (PBES2, AES-256), as `openssl pkey` reads it."""
        if not passphrase:
            raise ValueError("keys are kept encrypted: a passphrase is needed")
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase),
        )

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature."""
        return self._key.sign(message)
