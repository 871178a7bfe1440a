"""A tray: BMC board and compute unit. It travels as a whole and keeps what it knows."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from .board import Board, load_board
from .compute import Compute
from .console import Console
from .errors import PlantError
from .flash import Flash
from .latch import Latch
from .meter import ZJ_PER_UJ
from .monitors import Ina228
from .parts import LocalParts
from .port import Port
from .power import ADC_NETS, PowerPath
from .profiles import load_profile
from .protection import Protection
from .smbus import Target
from .trace import Recorder, Trace
from .world import US, World

PRESENCE_FILTER_NS = 10 * US


class Bmc(Protocol):
    """What the bench hangs on a unit. `bus_target` may be None while it is detached."""

    @property
    def bus_target(self) -> Target | None:
        """Its end of the SMBus."""

    def power_up(self) -> None:
        """The standby 3.3 V is there and the reset released."""

    def power_down(self) -> None:
        """The standby 3.3 V is gone."""


class Unit:
    """Everything on one tray. `port` is the BMC's RP2040 from outside, `bmc` its software."""

    def __init__(
        self,
        world: World,
        *,
        serial: str = "RK000001",
        board: Board | None = None,
        profile: str | Path = "pi4b",
        speed_up: float = 1.0,
        input_monitor: str = "ina228",
        tolerance: float = 1.0,
    ) -> None:
        self._world = world
        self.serial = serial
        self.board = board or load_board()
        self.rng = rng = world.stream(serial)
        self.unique_id = rng.randbytes(8)
        self.bmc: Bmc | None = None
        self.slot_number: int | None = None  # as the straps say; None = not seated
        self.button = False
        self.flash = Flash(world, self.board.flash["size"], rng)
        self._recorder = Recorder(world)
        self.port = Port(self.board)
        self.port.note = self._recorder.note
        self.port.uart = self.console = Console(world)
        self.latch = Latch(world, self._latch_changed)
        self.power = PowerPath(world, self._standby_changed, self._edges)
        self.compute = Compute(
            world, load_profile(profile), self.console, rng, self._load_changed, speed_up=speed_up
        )
        self.compute.host = serial.lower()
        self._draw_tolerances(rng, tolerance)
        self._presence = self._seated = self._strapped = False
        self.parts = LocalParts(
            world,
            self.board,
            {"output": self.power.output, "input": self.power.input},
            self._alert_changed,
            rng,
            serial=serial,
            input_monitor=input_monitor,
            tolerance=tolerance,
        )
        self.port.devices = self.parts.devices
        self._wire()
        self.protection = Protection(world, self.board, self.port)

    # --- for tests and controls --------------------------------------------------------

    @property
    def true_in_uj(self) -> int:
        """All energy taken from the busbar so far, exactly."""
        return self.power.input.energy_zj // ZJ_PER_UJ

    @property
    def true_out_uj(self) -> int:
        """All energy given to the compute unit's rail so far, exactly."""
        return self.power.output.energy_zj // ZJ_PER_UJ

    def ideal_uj(self, name: str) -> int | None:
        """What an ideal reader of a power monitor's energy register has totalled.

        None for a monitor without one.
        """
        monitor = self.parts[name]
        return int(monitor.ideal.total_uj) if isinstance(monitor, Ina228) else None

    def trace(self, net: str) -> Trace:
        """Record a node from now on: any net of the board, or an analog one such as V5 or IOUT."""
        if net not in self._analog and net not in self.board.pins:
            known = ", ".join([*self._analog, *self.board.pins])
            raise PlantError(f"no node {net!r} to trace; there are: {known}")
        return self._recorder.start(net, self.node(net))

    def node(self, net: str) -> int:
        """A node now: level, mV or mA."""
        if (fn := self._analog.get(net)) is not None:
            return fn()
        return self.port.net_level(net)

    def reset_bmc(self) -> None:
        """What a reset of the RP2040 does to the board: pads float, PIO stops."""
        self.protection.disarm()
        self.port.reset_pads()

    def contact(self, name: str, closed: bool) -> None:
        """One of the slot's contacts made or broke (called by the slot)."""
        if name == "busbar":
            self.power.connected = closed
            self.power.changed()
        elif name == "smbus":
            self._strapped = closed
            for bit in range(4):
                self.port.changed(f"SLOT{bit}")
        elif name == "presence":
            self._presence = closed
            self._world.after(PRESENCE_FILTER_NS, self._presence_filtered)

    def press(self, pressed: bool) -> None:
        """The factory-reset button."""
        self.button = pressed
        self.port.changed("BTN_FACTORY_N")

    def heal(self) -> None:
        """Take away shorts, foreign feeds, broken parts and forced loads."""
        self.power.buck.short_siemens = self.power.efuse.short_siemens = 0.0
        self.power.buck.backfeed(0, 1.0)
        self.parts.heal()
        self.port.i2c_nacks = 0
        self.compute.stuck = False
        self.compute.halt_factor = 1.0
        self.compute.draw(None)
        self.power.changed()

    def collapse(self) -> None:
        """The BMC's own supply is gone this instant, without hold-up; it recharges from the bus."""
        self.power.advance()  # up to now it was as it was
        self.power.standby.hold.v_uv = 0
        self.power.changed()

    def dip(self, uv: int, duration_ns: int) -> None:
        """This unit's own input sags for a while (a worn contact)."""
        self.power.ceiling_uv = uv
        self.power.changed()

        def back() -> None:
            self.power.ceiling_uv = None
            self.power.changed()

        self._world.after(duration_ns, back)

    # --- parts -------------------------------------------------------------------------

    def _draw_tolerances(self, rng: random.Random, scale: float) -> None:
        """Set point of the regulator 1 %, limit of the eFuse 8 %: two sigma, clipped there."""

        def off(nominal: int, limit: float) -> int:
            return round(nominal * (1 + scale * max(min(rng.gauss(0, limit / 2), limit), -limit)))

        self.power.buck.set_uv = off(self.power.buck.set_uv, 0.01)
        self.power.efuse.limit_ua = off(self.power.efuse.limit_ua, 0.08)

    def _wire(self) -> None:
        port, power, latch = self.port, self.power, self.latch
        port.outside("EF_FLT_N", lambda: power.efuse.flt_n)
        port.outside("PG_ALL", lambda: power.efuse.pgood & power.buck.pgood)
        port.outside("LOC_ALERT_N", lambda: self.parts.alert_n)
        port.outside("PRES_N", lambda: int(not self._seated))
        port.outside("LATCH_Q", lambda: latch.q)
        port.outside("PI_OFF", lambda: self.compute.powered_off)
        port.outside("BTN_FACTORY_N", lambda: int(not self.button))
        for bit in range(4):
            port.outside(f"SLOT{bit}", lambda bit=bit: self._strap(bit))  # type: ignore[misc]
        for net in ("LATCH_CLR", "LATCH_SET", "DISCHG", "SHDN_REQ", "SMBALERT_DRV"):
            port.bias(net, 0)
        port.watch("LATCH_CLR", latch.clr_pin)
        port.watch("LATCH_SET", latch.set_pin)
        port.watch("EF_FLT_N", latch.flt_pin)
        port.watch("DISCHG", lambda level: self._discharge())
        port.watch("SHDN_REQ", self.compute.shutdown_pin)
        nets = power.adc
        for channel, row in self.board.adc.items():
            port.adc_source(channel, nets[row["net"]])
        port.adc_past = self._adc_past
        self._analog: dict[str, Callable[[], int]] = {
            "EN": lambda: latch.q,
            "V5": nets["ADC_V5"],
            "VBUS": nets["ADC_VIN"],
            "VHOLD": nets["ADC_VHOLD"],
            "IMON": nets["ADC_IMON"],
            "VEF": lambda: power.efuse.out.v_uv // 1000,
            "IOUT": lambda: power.output.i_ua // 1000,
        }

    # --- what follows from what ----------------------------------------------------------

    def _adc_past(self, takes: Sequence[tuple[int, int]]) -> list[int]:
        """In the unit of the board's ADC table, for each (ns, channel)."""
        self.power.advance()
        node = {ch: ADC_NETS.index(row["net"]) for ch, row in self.board.adc.items()}
        return self.power.history.samples((ns, node[channel]) for ns, channel in takes)

    def _strap(self, bit: int) -> int | None:
        """A strap to ground is a 0; an open one leaves the pin to its pull-up."""
        if not self._strapped or (self.slot_number or 0) >> bit & 1:
            return None
        return 0

    def _presence_filtered(self) -> None:
        if self._presence != self._seated:
            self._seated = self._presence
            self.latch.seated(self._seated)
            self.port.changed("PRES_N")

    def _standby_changed(self, up: bool) -> None:
        self.port.power(up)
        self.parts.power(up)
        if up:
            self.flash.power_up()
        else:
            self.protection.disarm()
            self.console.bmc_down()
            self.flash.power_down()
        self.latch.power(up)
        for net in self.board.pins:
            self.port.changed(net)
        if self.bmc is not None:
            if up:
                self.bmc.power_up()
            else:
                self.bmc.power_down()

    def _latch_changed(self) -> None:
        self._recorder.note("EN", self.latch.q)
        self.power.efuse.en = self.latch.q
        self._discharge()
        self.port.changed("LATCH_Q")
        self.power.changed()

    def _discharge(self) -> None:
        on = bool(self.port.net_level("DISCHG")) and not self.latch.q
        if on != self.power.buck.discharge:
            self.power.buck.discharge = on
            self.power.changed()

    def _load_changed(self) -> None:
        self.power.buck.load_ua = self.compute.load_ua
        self.port.changed("PI_OFF")
        self.power.changed()

    def _alert_changed(self) -> None:
        self.port.changed("LOC_ALERT_N")

    def _edges(self) -> None:
        """After every look at the power path."""
        power = self.power
        self.port.changed("EF_FLT_N")
        self.port.changed("PG_ALL")
        self.parts.heat(power.buck.loss_watt())
        self.compute.supply(power.buck.rail.v_uv)
        for net in self._recorder.nets:
            if net in self._analog:
                self._recorder.note(net, self._analog[net]())
