"""Pictures of the boards for the book: docs/hardware/pictures/<board>_<side>.png.

A picture says in a text chunk which board file it shows, so that a stale one is noticed without
comparing pixels, which differ between machines.
"""

import hashlib
import struct
import zlib
from pathlib import Path

from .judge import run

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "hardware" / "pictures"
SIDES = ("top", "bottom")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEY = b"racklet board"
ZOOM = {"bmc_rp2040_r1": "1.15", "backplane_r1": "1.5"}
SIZE = {"bmc_rp2040_r1": ("1100", "800"), "backplane_r1": ("1400", "720")}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def shows(picture: bytes) -> str:
    """What `marked` wrote into a picture; empty when nothing. PNG specification, 11.3.4.3."""
    at = len(SIGNATURE)
    while at + 8 <= len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        body = picture[at + 8 : at + 8 + length]
        if kind == b"tEXt" and body.startswith(KEY + b"\0"):
            return body[len(KEY) + 1 :].decode("ascii")
        at += 12 + length
    return ""


def marked(picture: bytes, board: str) -> bytes:
    """The picture with a text chunk after its header."""
    header = len(SIGNATURE) + 25
    note = chunk(b"tEXt", KEY + b"\0" + board.encode("ascii"))
    return picture[:header] + note + picture[header:]


def fingerprint(board: Path) -> str:
    return hashlib.sha256(board.read_bytes()).hexdigest()


def render(name: str, board: Path, side: str, out: Path) -> None:
    width, height = SIZE[name]
    run("pcb", "render", "--side", side, "--quality", "basic", "--zoom", ZOOM[name],
        "--width", width, "--height", height, "-o", out, board)  # fmt: skip


def write(name: str, board: Path) -> None:
    """Renew the pictures that show another board than this."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        target = FOLDER / f"{name}_{side}.png"
        if target.exists() and shows(target.read_bytes()) == fingerprint(board):
            continue
        render(name, board, side, target)
        target.write_bytes(marked(target.read_bytes(), fingerprint(board)))


def stale(name: str, board: Path) -> list[str]:
    """Findings: pictures that are missing or show another board."""
    return [
        f"docs/hardware/pictures/{name}_{side}.png shows another board; run `make pcb`"
        for side in SIDES
        if not (FOLDER / f"{name}_{side}.png").exists()
        or shows((FOLDER / f"{name}_{side}.png").read_bytes()) != fingerprint(board)
    ]
