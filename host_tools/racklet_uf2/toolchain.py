"""The cross-compiler for the RP2040: Debian's, installed when it is missing and we may."""

import os
import shutil
import subprocess

from racklet_uf2 import BuildError

_PACKAGES = {
    "arm-none-eabi-gcc": "gcc-arm-none-eabi",
    "cmake": "cmake",
    "gcc": "gcc libc6-dev",  # mpy-cross runs on this machine
}
_LIBRARIES = ("libnewlib-arm-none-eabi", "libstdc++-arm-none-eabi-newlib")


def require() -> None:
    """Make sure that the tools are there; raises BuildError with what to type otherwise."""
    missing = [package for tool, package in _PACKAGES.items() if not shutil.which(tool)]
    if "gcc-arm-none-eabi" in missing or not _has_newlib():
        missing += _LIBRARIES
    if not missing:
        return
    packages = " ".join(missing).split()
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise BuildError(f"the firmware build needs more tools; as root: {' '.join(command)}")
    print(f"installing {' '.join(packages)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "-qq"], command):
        done = subprocess.run(step, stdout=subprocess.DEVNULL, env=environment, check=False)
        if done.returncode:
            raise BuildError(f"{' '.join(step)} failed")


def _has_newlib() -> bool:
    """The C and C++ libraries of the target are packages of their own."""
    for file in ("nosys.specs", "libstdc++.a"):
        command = [
            "arm-none-eabi-gcc",
            "-mcpu=cortex-m0plus",
            "-mthumb",
            f"-print-file-name={file}",
        ]
        if (
            subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
            == file
        ):
            return False
    return True
