"""An update of several units: one at a time, and no further than the first that is not well."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from racklet.bmc import Bmc
from racklet.errors import Interrupted, RackletError
from racklet.update.package import Package
from racklet.update.unit import WATCH_S, Progress, Updated

_GOES_ON = "the same command goes on; an image on trial that nobody confirms is sent back"


@dataclass
class Rollout:
    """`updated` in the order of their turn, the unit that stopped it, and those not touched."""

    updated: list[Updated] = field(default_factory=list)
    stopped_at: int | None = None
    error: RackletError | None = None
    untouched: list[int] = field(default_factory=list)


def look_at(bmcs: Iterable[Bmc], package: Package) -> None:
    """Look at every unit before the first is touched: a wrong file or an absent unit is an
    error while all of them still run the same."""
    for bmc in bmcs:
        package.check(bmc.slot, bmc.identify(), bmc.image_status())


def roll_out(
    bmcs: Iterable[Bmc],
    package: Package,
    on_progress: Callable[[Progress], None] | None = None,
    watch_s: float = WATCH_S,
) -> Rollout:
    """Update these units in this order; raises what `look_at` raises. Ctrl-C stops it as an
    unhealthy unit does: whoever pressed it wants to know who was updated."""
    result, todo = Rollout(), list(bmcs)
    look_at(todo, package)
    while todo:
        bmc = todo.pop(0)
        try:
            result.updated.append(bmc.update(package, on_progress, watch_s))
        except RackletError as error:
            result.error = error
        except KeyboardInterrupt:
            result.error = Interrupted(f"interrupted at slot {bmc.slot}", hint=_GOES_ON)
        if result.error:
            result.stopped_at, result.untouched = bmc.slot, [each.slot for each in todo]
            break
    return result
