"""`select` on the plant's clock: what asyncio waits with.

Objects are polled through their stream protocol, as the C module does it (`ioctl` with
MP_STREAM_POLL). While nothing is ready the process blocks in one request to the plant.
"""

from link import link, on_poll

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16

_MP_STREAM_POLL = 3

_registered = []  # [object, event mask] of every poller: asyncio has one


def _ready() -> bool:
    return any(entry[0].ioctl(_MP_STREAM_POLL, entry[1]) for entry in _registered)


on_poll(_ready)


class _Poll:
    def register(self, obj, mask: int = POLLIN | POLLOUT) -> None:
        for entry in _registered:
            if entry[0] is obj:
                entry[1] = mask
                return
        _registered.append([obj, mask])

    def modify(self, obj, mask: int) -> None:
        self.register(obj, mask)

    def unregister(self, obj) -> None:
        for entry in _registered:
            if entry[0] is obj:
                _registered.remove(entry)
                return

    def ipoll(self, timeout_ms: int = -1, flags: int = 0):
        """Wait for an event, at most `timeout_ms` (-1: for ever); yields (object, event)."""
        if not _ready() and timeout_ms:
            link.call("wait", timeout_ms * 1000 if timeout_ms > 0 else -1)
        for entry in list(_registered):
            event = entry[0].ioctl(_MP_STREAM_POLL, entry[1])
            if event:
                yield entry[0], event

    def poll(self, timeout_ms: int = -1):
        return list(self.ipoll(timeout_ms))


def poll() -> _Poll:
    return _Poll()
