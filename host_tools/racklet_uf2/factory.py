"""What a new board is flashed with: the UF2 of the base, a signed slot A, and the first key.

`python -m racklet_uf2.factory [BOARD ...]`; the environment says KEY (a name or path, as for
`racklet image sign`), PASSPHRASE_FILE and SEQUENCE. Without KEY a development key signs: made
once, kept in the build folder, and boards that trust it say so. Only the sectors of firmware,
images, boot state and keys are written: the log, the energy totals and the settings stay.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from racklet.errors import RackletError
from racklet.images import build_image, sign_image
from racklet.keys import KeyStore, SigningKey, passphrase

from racklet_uf2 import BOARDS, OUTPUT, REPOSITORY, BuildError, uf2
from racklet_uf2.build import flash_map

REGIONS = ("romfs", "boot_state", "keys")

_DEVELOPMENT = "development"
_SCRIPT = REPOSITORY / "boards" / "virtual" / "provision.py"
_MICROPYTHON = Path(sys.executable).with_name("micropython")


def file_of(board: str) -> Path:
    """The factory image of a board."""
    return OUTPUT / f"{board}-factory.uf2"


def development_key() -> SigningKey:
    """The key of this clone's build folder, made when it is not there yet."""
    store = KeyStore(OUTPUT / "keys")
    secret = store.folder / "passphrase"
    if not store.has_private(_DEVELOPMENT):
        store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret.touch(mode=0o600)
        secret.write_text("development\n")
        store.add(_DEVELOPMENT, SigningKey.generate(), passphrase.read(secret, prompt=""))
    pem, name = store.private_pem(_DEVELOPMENT)
    return SigningKey.from_pem(pem, passphrase.read(secret, prompt=""), name)


def regions(
    board: str, key: SigningKey, images: "tuple[bytes, ...]", *, is_development: bool = False
) -> dict[str, bytes]:
    """The regions of the flash of a board that trusts a key and has these images in its slots,
    as the firmware's own code writes them."""
    with tempfile.TemporaryDirectory() as folder:
        trusted = key.public.raw.hex() + (",development" if is_development else "")
        command: list[str | Path] = [_MICROPYTHON, _SCRIPT, folder, board, trusted, "0"]
        for number, image in enumerate(images):
            file = Path(folder) / f"slot-{number}.suit"
            file.write_bytes(image)
            command.append(file)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"{board}: {(done.stdout + done.stderr).strip()}")
        return {name: (Path(folder) / f"{name}.bin").read_bytes() for name in REGIONS}


def build(board: str) -> Path:
    """The factory image of one board, from its UF2."""
    name, sequence = os.environ.get("KEY", ""), _sequence()
    key = _named_key(name) if name else development_key()
    image = sign_image(build_image(board), key, sequence, board)
    contents = regions(board, key, (image,), is_development=not name)
    places = flash_map(board)
    pieces = [(places["firmware"][0], uf2.unwrap((OUTPUT / f"{board}.uf2").read_bytes()))]
    pieces += [(places[region][0], data) for region, data in contents.items()]
    target = file_of(board)
    target.write_bytes(uf2.wrap_pieces(pieces))
    print(
        f"{target.relative_to(REPOSITORY)}: slot A has an application of {len(image)} bytes, "
        f"sequence {sequence}, signed by {name or 'the development key'} ({key.public.id.hex()})"
    )
    return target


def _sequence() -> int:
    text = os.environ.get("SEQUENCE") or "1"
    if not text.isascii() or not text.isdigit():
        raise BuildError(f"SEQUENCE={text} is no number")
    return int(text)


def _named_key(name: str) -> SigningKey:
    file = os.environ.get("PASSPHRASE_FILE")
    pem, shown = KeyStore().private_pem(name)
    secret = passphrase.read(Path(file) if file else None, prompt=f"passphrase for {shown}")
    return SigningKey.from_pem(pem, secret, shown)


def main() -> int:
    """Build the factory images of the boards that are named, or of all."""
    try:
        for board in sys.argv[1:] or BOARDS:
            build(board)
    except (BuildError, RackletError) as error:
        print(f"make firmware: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
