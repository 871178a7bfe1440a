"""Recordings of named nodes: what happened to a wire, and when."""

from .world import World


class Trace(list[tuple[int, int]]):
    """(ns, value) of every change since it was asked for, the first value included.

    Values are levels for logic nets and mV or mA for rails.
    """

    def __init__(self, net: str) -> None:
        super().__init__()
        self.net = net

    @property
    def levels(self) -> list[int]:
        """The values alone, in order."""
        return [value for _, value in self]


class Recorder:
    """Hands every change of a node to those who trace it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._traces: dict[str, list[Trace]] = {}

    def start(self, net: str, value: int) -> Trace:
        trace = Trace(net)
        trace.append((self._world.now_ns, value))
        self._traces.setdefault(net, []).append(trace)
        return trace

    def note(self, net: str, value: int) -> None:
        for trace in self._traces.get(net, ()):
            if trace[-1][1] != value:
                trace.append((self._world.now_ns, value))

    @property
    def nets(self) -> tuple[str, ...]:
        return tuple(self._traces)
