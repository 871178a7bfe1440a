"""The file system for a person at the REPL; the services do not need one."""

import time

import vfs
from mover import Mover
from racklet_base.hal.flash import PAGE, SECTOR, Region

_ERASE = 6  # vfs.AbstractBlockDev.ioctl
_NOT_THERE = 2  # ENOENT
_TURN_MS = 20  # between two erases: longer than a host waits before it tries again


class _Device(Region):
    """The sectors as a block device. Whether the BMC is on the bus is looked at with each erase:
    the services may start after this was mounted."""

    def __init__(self) -> None:
        super().__init__("littlefs", None)
        self.readblocks, self.writeblocks = self._flash.readblocks, self._flash.writeblocks

    def ioctl(self, command: int, argument: int) -> "int | None":
        self._bus = Mover.on_bus
        if command != _ERASE or self._bus is None:
            return self._flash.ioctl(command, argument)
        time.sleep_ms(_TURN_MS)
        self.erase(argument * SECTOR)
        return 0


class _Blank:
    """Stands for a file system that was never formatted, as long as a person only looks: that
    takes two erases, and who asks a board what it is wants no files."""

    def mount(self, _readonly: bool, _mkfs: bool) -> None:
        pass

    def umount(self) -> None:
        pass

    def ilistdir(self, _path: str) -> object:
        return iter(())

    def stat(self, _path: str) -> tuple:
        raise OSError(_NOT_THERE)

    def open(self, path: str, mode: str) -> object:
        if mode[0] == "r":
            raise OSError(_NOT_THERE)
        return _formatted().open(path, mode)

    def __getattr__(self, name: str) -> object:
        """Whatever else is asked for needs one."""
        return getattr(_formatted(), name)


def _formatted() -> vfs.VfsLfs2:
    device = _Device()
    vfs.VfsLfs2.mkfs(device, progsize=PAGE)
    made = vfs.VfsLfs2(device, progsize=PAGE)
    vfs.umount("/")
    vfs.mount(made, "/")
    return made


def mount() -> None:
    """Mount what there is, or will be; nothing is written."""
    if any(point == "/" for _, point in vfs.mount()):
        return  # the application's image is at /app
    try:
        found = vfs.VfsLfs2(_Device(), progsize=PAGE)
    except OSError:
        found = _Blank()
    vfs.mount(found, "/")
