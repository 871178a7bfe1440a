"""Firmware images: built, packed as ROMFS, signed as SUIT envelopes, verified and shown."""

from racklet.images.build import build_image
from racklet.images.envelope import Image, read_image, sign_image, verify_image

__all__ = ["Image", "build_image", "read_image", "sign_image", "verify_image"]
