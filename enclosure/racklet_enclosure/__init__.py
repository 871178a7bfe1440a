"""The enclosure as code: parameters and board data in, printable parts and their checks out."""

from pathlib import Path

ROOM = Path(__file__).resolve().parent.parent
REPOSITORY = ROOM.parent
