"""The parts on the BMC's local bus: two power monitors, a temperature sensor, an EEPROM."""

import random
from collections.abc import Callable

from .board import Board
from .eeprom import Eeprom, SerialNumber
from .errors import PlantError
from .fru import fru_image
from .meter import Meter
from .monitors import Ina226, Ina228
from .monitors.errors import PartErrors
from .port import LocalDevice
from .thermal import Body
from .tmp1075 import Tmp1075
from .world import Handle, World

SERIAL_ADDRESS_OFFSET = 8  # AT24CS32: memory at 0x50 + n, serial number at 0x58 + n
# The sensor sits beside the regulator and sees its loss [assumed].
K_PER_W, TAU_S = 12.0, 60.0

Monitor = Ina226 | Ina228
Part = Monitor | Tmp1075 | Eeprom
_MONITORS: dict[str, type[Ina226] | type[Ina228]] = {"ina226": Ina226, "ina228": Ina228}


class LocalParts:
    """By their names in the board's table: `parts["output"]`, "input", "board", "fru".

    `on_alert` is called when the wired-AND ALERT line may have changed.
    """

    def __init__(
        self,
        world: World,
        board: Board,
        meters: dict[str, Meter],
        on_alert: Callable[[], None],
        rng: random.Random,
        *,
        serial: str,
        input_monitor: str,
        tolerance: float,
    ) -> None:
        if input_monitor not in _MONITORS:
            known = ", ".join(_MONITORS)
            raise PlantError(f"no power monitor {input_monitor!r}; there are: {known}")
        self._world = world
        self._on_alert = on_alert
        self._check: Handle | None = None
        self.body = Body(world, K_PER_W, TAU_S)
        self.sensor = Tmp1075(lambda: self.body.mc)
        image = fru_image(maker="Racklet", product="BMC-1", serial=serial, part="RK-BMC-1")
        self.eeprom = Eeprom(world, image)
        self.monitors: dict[str, Monitor] = {}
        for name, kind in (("output", Ina228), ("input", _MONITORS[input_monitor])):
            shunt_uohm = board.device(name)["shunt_uohm"]
            part = kind(world, meters[name], shunt_uohm, PartErrors.draw(rng, tolerance))
            part.on_alert = on_alert
            part.die = self.body
            self.monitors[name] = part
        self._by_name: dict[str, Part] = {
            **self.monitors,
            "board": self.sensor,
            "fru": self.eeprom,
        }
        self.devices: dict[int, LocalDevice] = {
            board.device(name)["address"]: part for name, part in self._by_name.items()
        }
        factory = SerialNumber(self.eeprom, rng.randbytes(16))
        self.devices[board.device("fru")["address"] + SERIAL_ADDRESS_OFFSET] = factory

    def __getitem__(self, name: str) -> Part:
        return self._by_name[name]

    def power(self, on: bool) -> None:
        """Their supply, the standby 3.3 V, came or went."""
        for monitor in self.monitors.values():
            monitor.power(on)
        if on:
            self.sensor.reset()
        else:
            self.eeprom.power_down()

    def heal(self) -> None:
        for part in self._by_name.values():
            part.break_down("ok")

    @property
    def alert_n(self) -> int:
        """LOC_ALERT#: every open-drain ALERT on one wire."""
        return int(all(m.alert_n for m in self.monitors.values()) and bool(self.sensor.alert_n))

    def heat(self, watt: float) -> None:
        """The regulator loses so much from now on; look again when the sensor's ALERT is due."""
        if self.body.heat(watt):
            self._plan_check()

    def set_ambient(self, mc: int) -> None:
        """The air around the tray, in thousandths of a degree C."""
        self.body.ambient_mc = mc
        self._on_alert()
        self._plan_check()

    def _plan_check(self) -> None:
        self._world.cancel(self._check)
        if (due := self.body.reaches(self.sensor.next_limit_mc)) is not None:
            self._check = self._world.at(due, self._on_alert)
