"""People: size, mass, hand and finger room, force on a pull loop, what a shock does."""

import trimesh

from ..assembly import Assembly
from ..estimate import printed
from ..hardware import mass as hardware_mass
from ..parts import handle, tray
from . import Result
from .fit import shared

G = 9.81  # m/s2
PLUG = 45.0  # mm from the ports to where a cable bends


def size(assembly: Assembly) -> Result:
    """Outer size with blades and folded handle, without the switch and its bracket."""
    result, limits = Result("outer size"), assembly.lay.p.limits
    low, high = assembly.bounds(without=("switch", "switch_bracket"))
    for name, extent, limit in zip(
        ("width", "depth", "height"),
        high - low,
        (limits.width, limits.depth, limits.height),
        strict=True,
    ):
        result.figures[f"{name}_mm"] = round(float(extent), 1)
        if extent > limit:
            result.findings.append(f"{name} {extent:.1f} mm; at most {limit:.0f} mm")
    return result


def mass(assembly: Assembly) -> Result:
    """Mass of the full rack, as printed, without the switch."""
    result, lay = Result("mass"), assembly.lay
    plastic = sum(
        printed(assembly.flats[p.name], lay.p).mass
        for p in assembly.pieces
        if p.printed and p.name != "switch_bracket"
    )
    slots = len(lay.slot_x)
    boards = lay.vendor["board_mass"]
    bought = {
        "compute units": slots * lay.compute["mass"],
        "BMC boards": slots * boards["bmc_rp2040_r1"],
        "disks": slots * lay.storage["mass"] if lay.storage else 0.0,
        "backplane": boards["backplane_r1"],
        "fans": lay.fan["count"] * lay.fan["mass"],
        "RMC board": lay.rmc_board["mass"],
        "screws and nuts": hardware_mass(lay),
    }
    total = plastic + sum(bought.values())
    result.figures = {"printed parts_g": round(plastic)} | {
        f"{name}_g": round(value) for name, value in bought.items()
    }
    result.figures["total_g"] = round(total)
    if total > lay.p.limits.mass:
        result.findings.append(f"{total:.0f} g; at most {lay.p.limits.mass:.0f} g")
    return result


def hand(assembly: Assembly) -> Result:
    """Room under the raised handle, and its bar under the full rack set down hard."""
    result, lay = Result("carrying"), assembly.lay
    p = lay.p
    room = lay.pivot[1] + p.handle.arm - p.handle.bar_width / 2 - lay.top.hi
    load = p.limits.mass / 1000 * G * p.limits.shock
    span = lay.inner.size - 2 * handle.PLAY
    stress = load * span / 4 / (p.handle.bar * p.handle.bar_width**2 / 6)
    result.figures = {"hand_mm": round(room, 1), "handle_stress_mpa": round(stress, 1)}
    if room < p.limits.hand:
        result.findings.append(f"{room:.1f} mm under the handle; {p.limits.hand:.0f} mm for a hand")
    if stress > p.material.strength:
        result.findings.append(f"{stress:.0f} MPa in the handle; {p.material.strength:.0f} MPa")
    return result


def finger(assembly: Assembly, slot: int) -> Result:
    """A finger fits through and beside a pull loop with the neighbours seated and cabled."""
    result, lay = Result(f"finger room at slot {slot}"), assembly.lay
    p = lay.p
    (y0, y1), (z0, z1) = tray.loop_hole(lay)
    thick, tip = p.limits.finger, 12.0
    if z1 - z0 < thick:
        result.findings.append(f"the loop's hole is {z1 - z0:.1f} mm high; a finger {thick:.0f} mm")
    if y1 - y0 < tip - 0.1:
        result.findings.append(
            f"the loop's hole is {y1 - y0:.1f} mm deep; a finger tip {tip:.0f} mm"
        )
    x, side = lay.slot_x[slot - 1] + lay.plate.mid, p.tray.plate / 2 + thick - 4.0
    room = trimesh.creation.box(bounds=[[x - side, y0, z0], [x + side, y1, z1]])
    loop = (slot, "tray")
    around = [
        (f"{q.name} (slot {q.slot})", q.mesh) for q in assembly.pieces if (q.slot, q.name) != loop
    ]
    around += [(f"a plug of slot {n}", plug) for n, plug in enumerate(plugs(assembly), 1)]
    for name, mesh in around:
        volume = shared(room, mesh)
        if volume > 1.0:
            result.findings.append(f"{name} takes {volume:.0f} mm3 of a finger's room")
    result.figures = {"hole_mm": f"{y1 - y0:.0f} x {z1 - z0:.0f}"}
    return result


def plugs(assembly: Assembly) -> list[trimesh.Trimesh]:
    """The room that plugs and their cables take in front of every blade's ports."""
    lay = assembly.lay
    high = lay.compute["ports"][3]
    ports = lay.ports_z
    return [
        trimesh.creation.box(
            bounds=[
                [slot + lay.pi_top - high, lay.face.lo - PLUG, ports.lo],
                [slot + lay.pi_top, lay.face.lo, ports.hi],
            ]
        )
        for slot in lay.slot_x
    ]


def pull(assembly: Assembly) -> Result:
    """Drawing a blade out: the loop holds, and the blade does not jam in its rails."""
    result, lay = Result("pull loop"), assembly.lay
    p, socket = lay.p, lay.vendor["socket"]
    force = socket["contacts"] * socket["insert_force_per_contact"]
    (_, _), (z0, z1) = tray.loop_hole(lay)
    strip = (p.tray.pull + p.tray.face - p.fit.slide - p.tray.pull_hole_depth) / 2
    stress = force * (z1 - z0) / 8 / (p.tray.plate * strip**2 / 6)
    socket_z = lay.on_backplane(0, lay.backplane["slots"][0]["y"])[2]
    lever = abs(socket_z - (z0 + z1) / 2)
    jam = 2 * socket["friction"] * lever / (lay.deck_rear - lay.front)
    result.figures = {
        "force_n": round(force),
        "stress_mpa": round(stress, 1),
        "jam_ratio": round(jam, 2),
    }
    if stress > p.material.strength:
        result.findings.append(f"{stress:.0f} MPa in the loop; {p.material.strength:.0f} MPa")
    if jam >= 1:
        result.findings.append(f"the blade jams when pulled: ratio {jam:.2f}, must be below 1")
    return result
