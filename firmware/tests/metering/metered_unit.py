"""The firmware's meters alone, on CPython, over the plant: drivers, totals, ring, nothing else.

A processor that dies when its supply does, without last words: what a power cut costs at worst.
Days pass in seconds, since nobody else of the firmware looks at anything.
"""

from racklet_base.services.eventlog import EventLog
from racklet_bmc.drivers.ina226 import INA226
from racklet_bmc.drivers.ina228 import INA228
from racklet_bmc.services.energy import Energy
from racklet_bmc.services.store import Store
from racklet_plant import Nack, Rack, World

MS, S = 1_000_000, 1_000_000_000
LOOK_NS = S  # the service's own period
_LIMITS = {"iout_max_ma": 5_000, "vout_max_mv": 5_400, "iin_max_ma": 3_020, "vin_max_mv": 21_960}
_LATCH_NS = 500 * MS  # after the latch's power-on reset


class PowerCut(Exception):
    """The processor has no supply any more."""


class MeteredUnit:
    """`unit` in a rack of one slot, and `energy` of its meters, None while it has no power."""

    def __init__(self, seed=1, *, tolerance=1.0, input_monitor="ina228"):
        self.world = World(seed)
        self.rack = Rack(
            self.world,
            slots=1,
            tolerance=tolerance,
            input_monitor=input_monitor,
            equip=self._equip,
        )
        self.up = False
        self.energy = None
        # Called after a look at the counters, when the power went, when it is counted again.
        self.on_look = self.on_cut = self.on_boot = lambda: None
        self.bus_target = None
        self.unit = self.rack.slots[1].insert(bounce=False)

    # --- the processor, as the plant sees it ---------------------------------------------

    def _equip(self, unit, number):
        unit.bmc = self

    def power_up(self):
        self.up = True
        self.world.after(_LATCH_NS, lambda: self._latch(1))

    def power_down(self):
        self.up = False
        self._latch(0)
        self.unit.port.reset_pads()

    def _latch(self, level):
        self.unit.port.drive(self.unit.board.pins["LATCH_SET"], level)

    # --- what the services are handed ------------------------------------------------------

    def ms(self):
        return self.us() // 1_000

    def us(self):
        return self.world.now_ns // 1_000

    def readfrom_mem_into(self, address, register, buffer):
        buffer[:] = self._transfer(address, bytes([register]), len(buffer))

    def writeto_mem(self, address, register, data):
        self._transfer(address, bytes([register]) + bytes(data), 0)

    def _transfer(self, address, data, count):
        self._alive()
        try:
            return self.unit.port.i2c_transfer(address, data, count)
        except Nack:
            raise OSError(5) from None

    def _alive(self):
        if not self.up:
            raise PowerCut

    def pass_ns(self, ns):
        """Let the world go on under the processor's feet."""
        self.world.advance(ns)
        self._alive()

    # --- time --------------------------------------------------------------------------------

    def run(self, seconds):
        """Let time pass; the meters look once a second as long as there is power."""
        end = self.world.now_ns + round(seconds * S)
        while (left := end - self.world.now_ns) > 0:
            try:
                self._alive()
                if self.energy is None:
                    self._boot()
                self.pass_ns(min(LOOK_NS, left))
                self.energy.step()
                self.on_look()
                self._store.maintain()
            except PowerCut:
                if self.energy is not None:
                    self.energy = None
                    self.on_cut()
                self.world.advance(min(50 * MS, max(end - self.world.now_ns, 1)))

    def _boot(self):
        devices = {name: self.unit.board.device(name) for name in ("output", "input")}
        parts = {}
        for name, row in devices.items():
            facts = self, row["address"], row["shunt_uohm"], row["full_scale_ma"]
            is_226 = name == "input" and self.rack.input_monitor == "ina226"
            parts[name] = INA226(*facts, self) if is_226 else INA228(*facts)
        self._store = Store(Region(self, "energy"))
        self.energy = Energy(
            self,
            self._store,
            output=parts["output"],
            input_=parts["input"],
            limits=_LIMITS,
            log=EventLog(Region(self, "log"), self),
        )
        self.on_boot()


class Region:
    """One region of the plant's flash; an operation takes its time, and may be cut."""

    def __init__(self, owner, name):
        self._owner = owner
        self._flash = owner.unit.flash
        self._start, self.size = owner.unit.board.flash[name]

    def read(self, offset, buffer):
        self._owner._alive()
        buffer[:] = self._flash.read(self._start + offset, len(buffer))

    def program(self, offset, data):
        self._owner._alive()
        self._owner.pass_ns(self._flash.program(self._start + offset, bytes(data)))

    def erase(self, offset):
        self._owner._alive()
        self._owner.pass_ns(self._flash.erase(self._start + offset))
