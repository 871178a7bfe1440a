"""Sign something with a new key and print the public one: `python sign_fresh.py FILE`."""

import sys
from pathlib import Path

from racklet.images import sign_image
from racklet.keys import SigningKey

key = SigningKey.generate()
Path(sys.argv[1]).write_bytes(sign_image(b"a payload", key, 1, "virtual"))
print(key.public.raw.hex())
