"""Generates the firmware's ARMv6-M code: field arithmetic for Ed25519, and SHA-512.

`python -m racklet_asm` writes firmware/racklet_base/crypto/*_thumb.py; with `--check` it only
says whether they are what it would write.
"""
