"""Where everything is: the rack's coordinates derived from parameters and board data.

Rack axes in mm: X to the right seen from the front, Y away from the viewer, Z up. X = 0 is the
backplane's left edge (its own x = 0), Y = 0 its socket side, Z = 0 the underside of the base.
The backplane's y runs down and its z towards the viewer. Blades stand on edge: the component
side of a BMC board faces left, the compute unit is on its right, then the tray's plate, then
the disk. Air rises from the fans in the base through the deck and every slot to the top.
"""

from dataclasses import dataclass
from math import dist
from types import SimpleNamespace
from typing import Any

from . import boards, parameters
from .boards import BACKPLANE, BMC


@dataclass(frozen=True)
class Span:
    """A closed interval on one axis, mm."""

    lo: float
    hi: float

    @property
    def mid(self) -> float:
        return (self.lo + self.hi) / 2

    @property
    def size(self) -> float:
        return self.hi - self.lo


class Layout:
    """All derived positions. Reads like the case from the bottom up and from back to front."""

    def __init__(self, p: SimpleNamespace | None = None) -> None:
        self.p = p = p or parameters.load()
        self.vendor: dict[str, Any] = boards.vendor()
        self.bmc = boards.board(BMC)
        self.backplane = boards.board(BACKPLANE)
        self.compute = self.vendor[p.choice.compute]
        self.rmc_board = self.vendor[p.choice.rmc]
        self.storage = None if p.choice.storage == "none" else self.vendor[p.choice.storage]
        self.disk_size = self.vendor["ssd25"]["size"]  # room is kept for a disk in every tray
        self.fan = self.vendor["fan"]
        self._heights()
        self._depths()
        self._widths()

    def _heights(self) -> None:
        p, c = self.p, self.p.case
        self.base = Span(0.0, c.panel)
        self.fans = Span(c.panel, c.panel + self.fan["size"][2])
        deck = self.fans.hi + c.plenum
        self.deck = Span(deck, deck + c.panel)
        self.plate_z_lo = self.deck.hi + p.fit.rest
        self.disk_z = Span(0, 0)
        disk = self.deck.hi + c.rail_height + 0.5
        self.disk_z = Span(disk, disk + self.disk_size[1])
        top = self.disk_z.hi + 0.5 + c.rail_height
        self.top = Span(top, top + c.panel)
        self.plate_z = Span(self.plate_z_lo, self.top.lo - p.fit.lift)
        self.backplane_top = self.disk_z.lo + p.tray.storage_drop
        self.ear_top = self.top.hi + c.ear
        self.height = p.case.foot + self.ear_top

    def _depths(self) -> None:
        p, c = self.p, self.p.case
        self.shoulder = self.backplane["socket"]["card_shoulder_z"]
        # The ports reach into the front plate; the fans need their room under the blades.
        ports = self.shoulder + self.compute["board"][0] + 0.9
        self.front_wall = 2.4
        fans = self.backplane["tallest"] + 1.2 + self.fan["size"][1] + 0.4 + self.front_wall
        self.front = -max(ports, fans)
        self.face = Span(self.front - p.tray.face, self.front)
        self.pull_tip = self.face.lo - p.tray.pull
        rear = self.backplane["thickness"] + c.rear_gap
        self.rear = Span(rear, rear + c.panel)
        self.deck_rear = -(self.backplane["tallest"] + 2.0)  # clear of the backplane's tall parts
        self.depth = self.rear.hi - self.pull_tip

    def _widths(self) -> None:
        p, c = self.p, self.p.case
        self.pitch = self.backplane["slot_pitch"]
        self.slot_x = [slot["x"] for slot in self.backplane["slots"]]
        self.half_card = self.bmc["thickness"] / 2
        self.gap = self.bmc["compute_unit_gap"]
        pi_top = self.half_card + self.gap
        plate = pi_top + self.compute["board"][2] + p.tray.boss
        # Offsets from the card's middle plane.
        self.pi_top = pi_top
        self.plate = Span(plate, plate + p.tray.plate)
        self.disk = Span(self.plate.hi, self.plate.hi + self.disk_size[2])
        self.parts_left = -(self.half_card + self.bmc["tallest"])
        self.left = -1.0
        last = self.slot_x[-1]
        rib = last + self.plate.hi + p.fit.slide + c.rail_wall
        self.right = max(last + self.disk.hi + p.fit.near, rib + c.flange + 0.2)
        self.inner = Span(self.left, self.right)
        self.outer = Span(self.left - c.wall, self.right + c.wall)
        self.bay = Span(self.outer.lo - p.rmc.depth, self.outer.lo)
        self.width = self.outer.hi - self.bay.lo
        # The front plate reaches from what stands out of the neighbour, its disk or else the heads
        # of its front screws, to the tray's own plate.
        heads = self.plate.hi + boards.fasteners()["face_screw"]["head_height"]
        blade = self.disk.hi if self.storage else heads
        self.cover = Span(blade - self.pitch + p.fit.plug, self.plate.lo - p.fit.join)
        self.blade_hi = blade

    # --- board axes to rack axes ---------------------------------------------------------

    def on_backplane(self, x: float, y: float, z: float = 0.0) -> tuple[float, float, float]:
        """A point of the backplane's axes in the rack."""
        return (x, -z, self.backplane_top - y)

    def on_bmc(self, x: float, y: float, z: float = 0.0) -> tuple[float, float, float]:
        """A point of the BMC board's axes in a slot at X = 0."""
        origin = self.backplane["socket"]["bmc_origin_y"]
        return (-self.half_card - z, -(self.shoulder + x), self.backplane_top - origin - y)

    def on_compute(self, x: float, y: float, z: float = 0.0) -> tuple[float, float, float]:
        """A point of the compute unit's axes (vendor.toml) in a slot at X = 0."""
        origin = self.backplane["socket"]["bmc_origin_y"] + self.bmc["height"]
        return (self.pi_top - z, -(self.shoulder + x), self.backplane_top - origin + y)

    def on_rmc(self, x: float, y: float, z: float = 0.0) -> tuple[float, float, float]:
        """A point of the RMC board's axes in the rack: it lies on the wall of its bay."""
        top = self.bay.lo + self.p.rmc.wall + self.p.rmc.boss + self.rmc_board["board"][2]
        lower = self.top.hi / 2 - 28.0
        return (top + z, -(self.shoulder + x), lower + self.rmc_board["board"][1] - y)

    @property
    def ports_z(self) -> Span:
        """Height of the compute unit's ports over the base."""
        _, y, dy, _ = self.compute["ports"]
        return Span(self.on_compute(0, y)[2], self.on_compute(0, y + dy)[2])

    @property
    def fan_centres(self) -> list[tuple[float, float]]:
        """Centres (X, Y) of the fans in the base, evenly over the slots."""
        count, lo = self.fan["count"], self.slot_x[0] - self.pitch / 2
        step = self.pitch * len(self.slot_x) / count
        y = self.front + self.front_wall + 0.2 + self.fan["size"][1] / 2
        return [(lo + step * (i + 0.5), y) for i in range(count)]

    @property
    def disk_holes(self) -> list[tuple[float, float]]:
        """Centres (Y, Z) of the disk's screws; its connector looks to the front.

        A hole whose screw head would cut a boss of the compute unit is left out: three hold a disk.
        """
        bosses = [self.on_compute(*hole)[1:] for hole in self.compute["holes"]]
        return [hole for hole in self._disk_pattern() if min(dist(hole, b) for b in bosses) > 6.8]

    def _disk_pattern(self) -> list[tuple[float, float]]:
        disk = self.vendor["ssd25"]
        connector = -(self.p.tray.storage_gap + disk["size"][0])
        half = disk["holes_across"] / 2
        return [
            (connector + from_end, self.disk_z.mid + side)
            for from_end in disk["holes_from_connector"]
            for side in (-half, half)
        ]

    @property
    def bay_screws(self) -> list[tuple[float, float]]:
        """Centres (Y, Z) of the bolts that hold the RMC bay to the left side panel."""
        return [(y, z) for y in (self.front + 6.3, -5.0) for z in (8.0, self.top.lo - 5.5)]

    @property
    def power_openings(self) -> list[tuple[Span, Span]]:
        """(Y, Z) bounds of the openings for backplane connectors that face the right side."""
        margin, spans = 1.0, []
        for connector in self.backplane["connectors"]:
            if connector["faces"] == "+x":
                _, low, _, across = connector["box"]
                _, y, z = self.on_backplane(0, low + across / 2, connector["height"] / 2)
                high, deep = connector["opening"]
                high, deep = max(high, across) / 2 + margin, deep / 2 + margin
                spans.append((Span(y - deep, y + deep), Span(z - high, z + high)))
        return spans

    def rear_screws_z(self, left: bool) -> tuple[float, float, float]:
        """Heights of the screws between rear panel and a side panel, beside its openings."""
        middle, lug = self.top.hi / 2, 7.5
        if left:
            return (middle - 26.0, middle, middle + 26.0)
        spans = [z for _, z in self.power_openings]
        return (min(z.lo for z in spans) - lug, max(z.hi for z in spans) + lug, middle + 33.0)

    @property
    def pivot(self) -> tuple[float, float]:
        """(Y, Z) of the handle's pivot, over the middle of the case."""
        return ((self.front + self.rear.hi) / 2, self.top.hi + self.p.case.ear / 2)

    @property
    def thumb_z(self) -> float:
        """Height of the thumb screws that hold the blades, under the top panel."""
        return self.top.lo - 4.1

    @property
    def lug_z(self) -> tuple[float, float]:
        """Heights of the two lugs that join front plate and tray plate."""
        return (self.deck.hi + 5.5, self.plate_z.hi - 4.2)

    @property
    def lug_y(self) -> float:
        """Depth of the lugs' screws, in front of the front plate."""
        return self.face.lo - 4.3

    @property
    def screw_y(self) -> tuple[float, float]:
        """Where along the depth the panels are screwed to the side panels."""
        return (self.front + 16.0, self.deck_rear - 8.0)
