"""What the controls of a simulated world are called and take, known without one."""

from collections.abc import Mapping

from racklet_plant import controls
from racklet_plant.errors import ControlError

from racklet.virtual.sim_service import ControlRefused

_REPL = {"slot": int, "typed": str}  # the one that is the rack's own, not the plant's


def known() -> list[str]:
    """The controls that change something, by name."""
    return sorted([*controls.CONTROLS, "repl"])


def check(name: str, arguments: Mapping[str, object]) -> None:
    """Raises `ControlRefused` for arguments that the control does not take."""
    if name == "repl":
        if {key: type(value) for key, value in arguments.items()} != _REPL:
            raise ControlRefused("repl takes slot, and typed: a text")
        return
    try:
        controls.check(name, arguments)
    except ControlError as error:
        raise ControlRefused(str(error)) from None
