"""Client of the controls of a virtual rack: the second socket beside its bus."""

import json
import socket
from pathlib import Path
from typing import Any

from racklet.errors import NotReachable, Refused
from racklet.where import sim_path

_ANSWER_S = 10.0


class SimClient:
    """The controls of the rack whose bus is at `path`. One connection a call."""

    def __init__(self, path: Path) -> None:
        self._path = sim_path(path)

    @classmethod
    def of_bus(cls, spec: str) -> "SimClient":
        """From a bus specification; raises `Refused` for a bus that is not simulated."""
        kind, _, place = spec.partition(":")
        if kind != "virtual":
            raise Refused(
                f"{spec} is real hardware: nothing there is simulated",
                hint="use your hands, or a virtual rack: racklet rack",
            )
        return cls(Path(place))

    def control(self, name: str, /, **arguments: Any) -> Any:
        """Carry out one control; raises `Refused` when the simulated world says no."""
        request = json.dumps({"control": name, **arguments}).encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(_ANSWER_S)
                connection.connect(str(self._path))
                connection.sendall(request)
                with connection.makefile("rb") as lines:
                    reply = json.loads(lines.readline())
            if "error" not in reply:
                return reply["result"]
        except (OSError, ValueError, LookupError, TypeError):
            raise NotReachable(
                f"the virtual rack at {self._path} does not answer",
                hint="was it stopped? start one with: racklet rack",
            ) from None
        raise Refused(str(reply["error"]))

    def slots(self, otherwise: int) -> int:
        """How many slots the rack has; `otherwise` when it does not say."""
        try:
            return int(self.control("info")["slots"])
        except (NotReachable, Refused, KeyError, TypeError, ValueError):
            return otherwise
