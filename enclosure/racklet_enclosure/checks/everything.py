"""All checks of one rack, in the order of a print, an assembly and a day's use."""

from collections.abc import Iterator

from .. import parts
from ..assembly import Assembly
from ..mesh import on_bed
from . import Result, air, contacts, fit, handling, printable


def run(assembly: Assembly) -> Iterator[Result]:
    """Every result; the rules between parameters are required before (rules.py)."""
    lay = assembly.lay
    for name in parts.NAMES:
        mesh = on_bed(assembly.flats[name], parts.module(name).UP)
        yield printable.check(name, mesh, lay.p)
    yield fit.interference(assembly.pieces)
    slots = (1, (len(lay.slot_x) + 1) // 2, len(lay.slot_x))
    for slot in slots:
        yield fit.insertion(assembly, slot)
    for slot in slots:
        yield fit.play(assembly, slot)
    yield fit.blanks(assembly)
    yield fit.assembling(assembly)
    yield contacts.check(lay)
    yield air.slots(assembly)
    yield air.fans(assembly)
    yield air.guards(assembly)
    yield handling.size(assembly)
    yield handling.mass(assembly)
    yield handling.hand(assembly)
    for slot in slots:
        yield handling.finger(assembly, slot)
    yield handling.pull(assembly)
