"""The bench supply and the busbar."""

from typing import Literal

from ..rack import Rack
from ..world import MS
from .registry import Result, control, positive, slot_unit


@control
def supply(
    rack: Rack,
    *,
    mv: int | None = None,
    limit_ma: int | None = None,
    limit_mw: int | None = None,
    on: bool | None = None,
    mode: Literal["hiccup", "latch", "constant"] | None = None,
) -> Result:
    """Set the bench supply; what is left out stays."""
    positive(mv=mv, limit_ma=limit_ma, limit_mw=limit_mw)
    s = rack.supply
    if mv is not None:
        s.set_uv = mv * 1000
    if limit_ma is not None:
        s.limit_ua = limit_ma * 1000
    if limit_mw is not None:
        s.limit_mw = limit_mw
    if on is not None:
        s.on = on
    if mode is not None:
        s.mode = mode
    rack.settle()
    return {"busbar_mv": s.v_uv // 1000}


@control
def brownout(rack: Rack, mv: int, ms: float, slot: int | None = None) -> Result:
    """The supply (or one slot's busbar contact) sags to `mv` for `ms`."""
    positive(mv=mv, ms=ms)
    if slot is None:
        rack.supply.dip(mv * 1000, round(ms * MS), rack.settle)
    else:
        slot_unit(rack, slot).dip(mv * 1000, round(ms * MS))
    return {"mv": mv, "ms": ms}


@control
def surge(rack: Rack, mv: int, ms: float) -> Result:
    """The supply rises to `mv` for `ms`."""
    positive(mv=mv, ms=ms)
    rack.supply.dip(mv * 1000, round(ms * MS), rack.settle)
    return {"mv": mv, "ms": ms}
