"""The rack: supply, busbar, SMBus and its slots."""

from collections.abc import Callable
from pathlib import Path

from .board import load_board
from .contacts import BREAK_NS, MATE_NS, Contacts
from .errors import ControlError
from .smbus import SmbusModel, Target
from .supply import Supply
from .unit import Unit
from .world import Handle, World

MAX_SLOTS = 14
BUFFER_MS = 40  # a unit that holds the SMBus longer is cut off by its buffer (TCA4307)
_PASSES = 12
_QUIET_UA = 200  # a change of demand below this needs no second look


class Slot:
    """One place in the rack. `unit` is what is in it, seated or on its way."""

    def __init__(self, rack: "Rack", number: int) -> None:
        self._rack = rack
        self.number = number
        self.unit: Unit | None = None
        self.last: Unit | None = None  # the one that was pulled
        self.held_until = 0  # ns of plant time: until then its unit holds a line of the SMBus low
        self.contacts = Contacts(
            rack.world, rack.world.stream(f"slot {number}"), self._contact_changed
        )

    def insert(self, unit: Unit | None = None, bounce: bool = True, step_ns: int = MATE_NS) -> Unit:
        """Push a unit in (a new one if none is given). ControlError when there is one already."""
        if self.unit is not None:
            raise ControlError(
                f"slot {self.number} is taken by {self.unit.serial}; remove it first"
            )
        unit = unit or self._rack.new_unit()
        if unit.slot_number is not None:
            raise ControlError(f"{unit.serial} sits in slot {unit.slot_number}; remove it first")
        self.unit = unit
        unit.slot_number = self.number
        self._wire_bus(unit)
        if unit.bmc is None and self._rack.equip is not None:
            self._rack.equip(unit, self.number)
        self.contacts.mate(bounce, step_ns)
        return unit

    def remove(self, break_ns: int = BREAK_NS) -> Unit:
        """Pull the unit; the contacts break from now on. ControlError when the slot is empty."""
        if self.unit is None:
            raise ControlError(f"slot {self.number} is empty")
        end = self.contacts.part(break_ns)
        unit = self.unit
        self._rack.world.at(end, lambda: self._gone(unit))
        return unit

    @property
    def target(self) -> Target | None:
        """The BMC's bus target, while its contacts are mated and it is attached."""
        unit = self.unit
        if unit is None or unit.bmc is None or not self.contacts.closed["smbus"]:
            return None
        if self._rack.world.now_ns < self.held_until:
            return None  # its hot-swap buffer has cut it off, or will before anybody asks
        return unit.bmc.bus_target if unit.power.standby.up else None

    def _contact_changed(self, name: str, closed: bool) -> None:
        if self.unit is not None:
            self.unit.contact(name, closed)
            if name == "smbus":
                if not closed and self._rack.world.now_ns < self.held_until:
                    self.held_until = 0
                    self._rack.bus.let_go()
                self.lines_changed()

    def lines_changed(self) -> None:
        """A line of the SMBus is held low, or no longer."""
        if self.unit is not None:
            self.unit.port.changed("SMB_SCL")
            self.unit.port.changed("SMB_SDA")

    def _wire_bus(self, unit: Unit) -> None:
        """The BMC sees the lines of the bus while its contacts are mated; idle, they are high."""
        bus = self._rack.bus

        def line(is_low: bool) -> int | None:
            mated = unit is self.unit and self.contacts.closed["smbus"]
            return int(not is_low) if mated else None

        unit.port.outside("SMB_SCL", lambda: line(bus.scl_low))
        unit.port.outside("SMB_SDA", lambda: line(bus.sda_low))

    def _gone(self, unit: Unit) -> None:
        if self.unit is unit:
            self.unit, self.last = None, unit
            unit.slot_number = None


class Rack:
    """`slots[n]` for n = 1..; `supply`; `bus`. Call `settle` after changing a part by hand.

    `equip(unit, slot)` is called for a unit that is inserted and has no `bmc` yet: a bench gives
    it one.
    """

    def __init__(
        self,
        world: World,
        slots: int = 5,
        *,
        board: str | Path = "bmc_rp2040_r1",
        profile: str | Path = "pi4b",
        speed_up: float = 1.0,
        input_monitor: str = "ina228",
        tolerance: float = 1.0,
        equip: Callable[[Unit, int], None] | None = None,
    ) -> None:
        if not 1 <= slots <= MAX_SLOTS:
            raise ControlError(f"a rack has 1 to {MAX_SLOTS} slots, not {slots}")
        self.world = world
        self.board = load_board(board)
        self.profile = profile
        self.speed_up = speed_up
        self.input_monitor = input_monitor
        self.tolerance = tolerance
        self.equip = equip
        self.supply = Supply(world)
        self.bus = SmbusModel(world, lambda: [s.target for s in self.slots.values()])
        self.units: list[Unit] = []
        self.slots = {n: Slot(self, n) for n in range(1, slots + 1)}
        self._settling = False
        self._again = False
        self._next: Handle | None = None

    def lines_changed(self) -> None:
        """A line of the SMBus is held low, or no longer; every mated BMC sees it."""
        for slot in self.slots.values():
            slot.lines_changed()

    @property
    def alert_n(self) -> int:
        """SMBALERT#: low while any mated unit pulls it."""
        pulled = any(
            slot.unit is not None
            and slot.contacts.closed["smbus"]
            and slot.unit.port.net_level("SMBALERT_DRV")
            for slot in self.slots.values()
        )
        return int(not pulled)

    def new_unit(self, profile: str | Path | None = None) -> Unit:
        """A unit of this rack's kind with the next serial number; not inserted yet."""
        unit = Unit(
            self.world,
            serial=f"RK{len(self.units) + 1:06d}",
            board=self.board,
            profile=profile or self.profile,
            speed_up=self.speed_up,
            input_monitor=self.input_monitor,
            tolerance=self.tolerance,
        )
        unit.power.request = self.settle
        self.units.append(unit)
        return unit

    def settle(self) -> None:
        """Something changed: find the busbar's voltage and every unit's new state."""
        self._again = True
        if self._settling:
            return
        self._settling = True
        try:
            for _ in range(_PASSES):
                if not self._again:
                    break
                self._again = False
                self._pass()
        finally:
            self._settling = False

    def _pass(self) -> None:
        supply = self.supply
        powers = [unit.power for unit in self.units]
        for power in powers:
            power.advance()
        due = supply.settle(sum(power.demand_ua(supply.v_uv) for power in powers))
        self.world.cancel(self._next)
        self._next = None if due is None else self.world.at(due, self.settle)
        for power in powers:
            if not power.at_rest(supply.v_uv):
                before = power.input.i_ua
                power.settle(supply.v_uv)
                self._again |= abs(power.input.i_ua - before) > _QUIET_UA
