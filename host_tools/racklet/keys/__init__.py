"""Signing keys: Ed25519, kept as OpenSSL keeps them (PKCS#8 and SPKI, PEM)."""

from racklet.keys.key import PublicKey, SigningKey
from racklet.keys.store import KeyStore

__all__ = ["KeyStore", "PublicKey", "SigningKey"]
