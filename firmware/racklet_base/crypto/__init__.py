"""Cryptography that MicroPython lacks: SHA-512 and the verification of Ed25519 signatures."""
