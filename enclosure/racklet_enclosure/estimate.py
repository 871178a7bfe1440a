"""What a print takes: filament, time and cost, from shell, infill and flow. Estimates."""

from dataclasses import dataclass
from types import SimpleNamespace

import trimesh

WARM_UP_S = 300.0  # bed, nozzle, first layer


@dataclass(frozen=True)
class Print:
    """One copy of one part: grams, hours, EUR."""

    mass: float
    hours: float
    cost: float


def printed(mesh: trimesh.Trimesh, p: SimpleNamespace) -> Print:
    """Shell of `perimeters` lines under the whole surface, infill inside it."""
    line = 1.125 * p.printer.nozzle
    shell = min(mesh.volume, mesh.area * line * p.printer.perimeters)
    plastic = shell + (mesh.volume - shell) * p.printer.infill / 100
    grams = plastic * p.material.density / 1000
    layers = mesh.extents[2] / p.printer.layer
    seconds = plastic / p.printer.flow + layers * p.printer.layer_change + WARM_UP_S
    return Print(grams, seconds / 3600, grams / 1000 * p.material.price)
