"""The compute unit: what it draws, says and does, from power-on to halt."""

import random
from collections.abc import Callable, Sequence
from enum import Enum

from .console import Console
from .errors import ControlError
from .profiles import Profile
from .world import MS, US, Handle, S, World

RUN_UV = 4_630_000  # the Raspberry Pi's under-voltage flag
DEAD_UV = 4_000_000
DEBOUNCE_NS = 100 * MS  # gpio-shutdown overlay
WOBBLE_PPM = 15_000
WOBBLE_S = 2.0


class State(Enum):
    OFF = "off"
    BOOTING = "booting"
    RUNNING = "running"
    HALTING = "halting"
    HALTED = "halted"


class Compute:
    """`load_ua` is what it draws now; `powered_off` its GPIO26 (gpio-poweroff overlay).

    `speed_up` divides every time of its profile. `stuck` makes it ignore shutdown requests,
    `halt_factor` stretches its shutdown: 5.2 s on a small system, 44 s seen on a loaded one.
    """

    def __init__(
        self,
        world: World,
        profile: Profile,
        console: Console,
        rng: random.Random,
        changed: Callable[[], None],
        *,
        speed_up: float = 1.0,
    ) -> None:
        self._world = world
        self._rng = rng
        self._changed = changed
        self.profile = profile
        self.console = console
        self.speed_up = speed_up
        self.host = "node"
        self.state = State.OFF
        self.load_ua = 0
        self._nominal_ua = 0  # what the profile says just now
        self.powered_off = 0
        self.stuck = False
        self.halt_factor = 1.0
        self.wobble = True
        self.override_ua: int | None = None
        self.undervoltages = 0
        self.busy_cores = 0.0
        self._plan: list[Handle] = []
        self._script: Handle | None = None
        self._request: Handle | None = None
        self._asked = False
        self._low = False
        console.on_line = self._command

    def supply(self, v_uv: int) -> None:
        """The rail is so now."""
        if self.state is State.OFF:
            if v_uv >= RUN_UV:
                self._boot()
        elif v_uv < DEAD_UV:
            self._die()
        elif v_uv < RUN_UV and not self._low:
            self._low = True
            self.undervoltages += 1
            self.console.send("hwmon hwmon1: Undervoltage detected!\r\n")
        elif v_uv >= RUN_UV:
            self._low = False

    def shutdown_pin(self, level: int) -> None:
        """Its GPIO3 is pulled low (level 1 at SHDN_REQ): after the debounce it shuts down.

        One that still boots does so once it is up: when logind opens the key, its driver reports
        it as it is (gpio_keys_open, Linux drivers/input/keyboard/gpio_keys.c).
        """
        self._world.cancel(self._request)
        self._asked = bool(level)
        if level:
            self._request = self._world.after(DEBOUNCE_NS, self.shutdown)

    def draw(self, milliampere: int | None) -> None:
        """Draw exactly so much while on, whatever the profile says; None gives it back."""
        self.override_ua = None if milliampere is None else milliampere * 1000
        self._set_load(self._nominal_ua)

    def play(self, steps: Sequence[tuple[int, int]], repeat: bool = False) -> None:
        """Draw by a script of (us, mA): each current for that long, then the profile again.

        For bursts and square waves that no profile has. It ends when the rail does.
        """
        if not steps or any(us <= 0 for us, _ in steps):
            raise ControlError("a script is a list of (us, mA), each for more than 0 us")
        self._world.cancel(self._script)

        def step(k: int) -> None:
            if k == len(steps) and not repeat or self.state is State.OFF:
                self.draw(None)
                return
            us, milliampere = steps[k % len(steps)]
            self.draw(milliampere)
            self._script = self._world.after(us * US, lambda: step(k % len(steps) + 1))

        step(0)

    def stress(self, cores: float) -> None:
        """Keep so many cores busy."""
        if not 0 <= cores <= self.profile.cores:
            raise ControlError(f"this compute unit has {self.profile.cores} cores, not {cores}")
        self.busy_cores = cores
        if self.state is State.RUNNING:
            self._run_load()

    def hang(self) -> None:
        """The kernel stops: load as it is, console silent, no shutdown."""
        self._drop_plan()
        self.stuck = True
        self.console.echo = False

    # --- its life ------------------------------------------------------------------

    def _boot(self) -> None:
        self.state = State.BOOTING
        self.stuck = False
        self._low = False
        self._set_powered_off(0)
        profile = self.profile
        self._steps(profile.boot)
        for ms, line in profile.console:
            end = "" if line.endswith(": ") else "\r\n"
            text = line.format(host=self.host) + end
            self._later(ms, lambda text=text: self.console.send(text))  # type: ignore[misc]
        self._later(profile.boot[-1][0], self._up)

    def _up(self) -> None:
        self.state = State.RUNNING
        self.console.echo = True
        self._drop_plan()
        self._run_load()
        if self._asked:
            self.shutdown()

    def _run_load(self) -> None:
        profile = self.profile
        self._nominal_ua = round(1000 * (profile.idle_ma + profile.core_ma * self.busy_cores))
        self._breathe()

    def _breathe(self) -> None:
        """A running system never draws quite the same for long."""
        self._drop_plan()
        share = round(self._rng.gauss(0, WOBBLE_PPM)) if self.wobble else 0
        self._set_load(self._nominal_ua * (1_000_000 + share) // 1_000_000)
        if self.wobble:
            delay = min(self._rng.expovariate(1 / WOBBLE_S), 20.0) + 0.1
            self._plan = [self._world.after(round(delay * S), self._breathe)]

    def shutdown(self) -> None:
        """Shut down in order, as after a request by pin or `poweroff`; nothing while stuck."""
        if self.stuck or self.state is not State.RUNNING:
            return
        self.state = State.HALTING
        self._drop_plan()
        self.console.echo = False
        profile = self.profile
        steps = tuple((round(ms * self.halt_factor), ma) for ms, ma in profile.halt)
        end = steps[-1][0]
        self._steps(steps)
        marks = (
            (end - 400, "systemd-shutdown[1]: Syncing filesystems and block devices."),
            (end - 300, "systemd-shutdown[1]: Sending SIGTERM to remaining processes..."),
            (end - 100, "systemd-shutdown[1]: Unmounting file systems."),
            (end, "reboot: Power down"),
        )
        for ms, line in marks:
            self._later(ms, lambda line=line: self.console.send(line + "\r\n"))  # type: ignore[misc]
        self._later(end, self._halt)

    def _halt(self) -> None:
        self.state = State.HALTED
        self.busy_cores = 0.0
        self._set_powered_off(1)

    def _die(self) -> None:
        self._drop_plan()
        self._world.cancel(self._request)
        self.state = State.OFF
        self.busy_cores = 0.0
        self.console.stop()
        self.load_ua = self._nominal_ua = 0
        self.powered_off = 0
        self._changed()

    def _command(self, line: str) -> None:
        """What a person types at the console: a few commands, enough to see that it listens."""
        words = line.split()
        if self.state is not State.RUNNING or not words:
            self.console.send("$ ")
            return
        if words[0] in ("poweroff", "halt", "shutdown"):
            self.shutdown()
            return
        if words[0] == "reboot":
            self._drop_plan()
            self.console.echo = False
            self.console.send("reboot: Restarting system\r\n")
            self._boot()
            return
        self.console.send(self._answer(words) + "\r\n$ ")

    def _answer(self, words: list[str]) -> str:
        if words[0] == "uname":
            return f"Linux {self.host} 6.12.25+rpt-rpi-v8 aarch64 GNU/Linux"
        if words[0] == "stress":
            cores = int(words[1]) if len(words) > 1 and words[1].isdigit() else 1
            self.stress(min(cores, self.profile.cores))
            return f"{self.busy_cores:g} cores busy"
        if words[0] == "echo":
            return " ".join(words[1:])
        return f"-sh: {words[0]}: not found"

    # --- helpers ---------------------------------------------------------------------

    def _steps(self, steps: tuple[tuple[int, int], ...]) -> None:
        for ms, milliampere in steps:
            self._later(ms, lambda ua=milliampere * 1000: self._profile_load(ua))  # type: ignore[misc]

    def _profile_load(self, ua: int) -> None:
        self._nominal_ua = ua
        self._set_load(ua)

    def _later(self, ms: int, fn: Callable[[], None]) -> None:
        self._plan.append(self._world.after(round(ms * MS / self.speed_up), fn))

    def _drop_plan(self) -> None:
        for handle in self._plan:
            self._world.cancel(handle)
        self._plan.clear()

    def _set_load(self, ua: int) -> None:
        if self.override_ua is not None and self.state is not State.OFF:
            ua = self.override_ua
        if self.state is not State.OFF and ua != self.load_ua:
            self.load_ua = ua
            self._changed()

    def _set_powered_off(self, level: int) -> None:
        if level != self.powered_off:
            self.powered_off = level
            self._changed()
