"""Run an unmodified program so that its /dev/i2c-N is the bus of a virtual rack.

A small library (i2c_preload.c) is put before the program with LD_PRELOAD; it is built on first
use with the system's C compiler and kept in the user's cache. It reaches programs that are
linked dynamically and not set-uid; every /dev/i2c-N that they open is that bus.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NoReturn

from platformdirs import user_cache_path

from racklet.errors import MissingPart, NotReachable, UsageError

_SOURCE = "i2c_preload.c"
_FLAGS = ("-std=gnu11", "-O2", "-shared", "-fPIC")
_BUILD_S = 60

# Where Debian keeps i2cdetect and its kin, which are not on everybody's path.
_SYSTEM_PATHS = "/usr/local/sbin:/usr/sbin:/sbin"


def run(command: Sequence[str], bus_spec: str, environ: Mapping[str, str] = os.environ) -> NoReturn:
    """Become `command`, with the virtual rack of `bus_spec` as its I2C bus.

    Raises `UsageError` when there is no command or the bus is not virtual, `NotReachable` when
    no rack is there, and `MissingPart` when the program, a compiler or Linux is missing.
    """
    program, environment = prepare(command, bus_spec, environ)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(program, list(command), environment)


def prepare(
    command: Sequence[str], bus_spec: str, environ: Mapping[str, str] = os.environ
) -> tuple[str, dict[str, str]]:
    """The path of the program and the environment to run it in; raises like `run`."""
    if not command:
        raise UsageError("no command to run", hint="racklet i2c-run -- i2cdetect -y 1")
    kind, _, path = bus_spec.partition(":")
    if kind != "virtual":
        raise UsageError(
            f"{bus_spec} needs no translation",
            hint="run the program as it is; i2c-run is for virtual racks",
        )
    if not Path(path).is_socket():
        raise NotReachable(f"no virtual rack at {path}", hint="start one with: racklet rack")
    search = f"{environ.get('PATH', os.defpath)}:{_SYSTEM_PATHS}"
    program = shutil.which(command[0], path=search)
    if program is None:
        raise MissingPart(
            f"there is no program {command[0]!r}",
            hint="i2cdetect, i2cget and the like: apt-get install i2c-tools",
        )
    library = str(build())
    before = environ.get("LD_PRELOAD")
    return program, {
        **environ,
        "LD_PRELOAD": f"{library}:{before}" if before else library,
        "RACKLET_I2C_SOCKET": str(Path(path).resolve()),
    }


def build(cache: Path | None = None, compiler: str | None = None) -> Path:
    """The library for this machine, built if it is not in the cache yet."""
    if sys.platform != "linux":
        raise MissingPart(
            "i2c-run needs Linux, whose /dev/i2c-N it stands for",
            hint="use a Linux machine or container, or talk to the rack with racklet",
        )
    source = files("racklet").joinpath(_SOURCE).read_bytes()
    mark = hashlib.sha256(source + platform.machine().encode()).hexdigest()[:16]
    cache = cache or user_cache_path("racklet") / "i2c-run"
    library = cache / f"i2c_preload-{mark}.so"
    if not library.exists():
        _compile(source, library, compiler or _find_compiler())
    return library


def _find_compiler() -> str:
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and (found := shutil.which(name)):
            return found
    raise MissingPart(
        "i2c-run builds a small library once, and there is no C compiler",
        hint="apt-get install gcc libc6-dev, or name one with CC=",
    )


def _compile(source: bytes, library: Path, compiler: str) -> None:
    """Under another name first, so that two at once do not meet half a library."""
    library.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        made = Path(folder) / library.name
        done = subprocess.run(
            [compiler, *_FLAGS, "-x", "c", "-", "-o", str(made), "-ldl", "-lpthread"],
            input=source,
            capture_output=True,
            timeout=_BUILD_S,
            check=False,
        )
        if done.returncode != 0:
            raise MissingPart(
                f"{compiler} could not build the library of i2c-run: "
                + done.stderr.decode(errors="replace").strip().split("\n")[0],
                hint="it needs the C library's headers: apt-get install libc6-dev",
            )
        made.rename(library)
