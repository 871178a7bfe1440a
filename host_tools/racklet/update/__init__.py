"""Signed firmware and key manifests into BMCs: checked, sent, put on trial, confirmed."""

from racklet.update.package import Package
from racklet.update.unit import Phase, Progress, UnitUpdate, Updated

__all__ = [
    "Package",
    "Phase",
    "Progress",
    "UnitUpdate",
    "Updated",
]
