"""A service that crashes or hangs is named after the watchdog's bite, and the rail holds."""

from collections.abc import Callable
from typing import Any

import pytest
from racklet.bmc import Bmc
from racklet.bus import Target
from racklet.errors import RackletError
from racklet.images import build_image, romfs, sign_image
from racklet.power import PowerCommand
from racklet.settings import Settings
from racklet_bench.bench import HANDS, SLOTS, TRACE, Bench
from racklet_wire import events, power
from racklet_wire.address import address_of

pytestmark = pytest.mark.needs(HANDS, SLOTS, TRACE)

Insert = Callable[..., Bmc]

# The application, one of whose services goes wrong after ten seconds.
APP = """
import time
from .services.telemetry import Telemetry
from .whole import run

step = Telemetry.step
looks = 0

def broken(self):
    global looks
    looks += 1
    if looks > 40:
        {wrong}
    step(self)

Telemetry.step = broken
"""
RAISES = "raise ValueError('on purpose')"
HANGS = "while True: time.sleep_ms(10)"
BITE_S = 20  # so long after the crash, at most, it serves again


def broken_image(bench: Bench, wrong: str) -> bytes:
    """The bench's own application with another app.py in front of it."""
    tree: dict[str, Any] = {}
    for path, content in romfs.files(build_image(bench.board)):
        *folders, name = path.replace("racklet_bmc/app.", "racklet_bmc/whole.").split("/")
        inside = tree
        for folder in folders:
            inside = inside.setdefault(folder, {})
        inside[name] = content
    tree["racklet_bmc"]["app.py"] = APP.format(wrong=wrong).encode()
    return sign_image(romfs.pack(tree), bench.signing_key, 4, bench.board)


def wait_for_generation(bench: Bench, bmc: Bmc, generation: int) -> None:
    end = bench.clock.monotonic() + BITE_S
    while bench.clock.monotonic() < end:
        try:
            if bmc.power_state().generation == generation:
                return
        except RackletError:
            pass  # it restarts
        bench.clock.sleep(0.05)
    raise AssertionError(f"no boot {generation} within {BITE_S} s")


def told(bmc: Bmc, kind: int) -> list[dict[str, object]]:
    return [
        {"boot": r.generation} | r.fields for r in bmc.log() if r.kind == events.KIND_TEXT[kind]
    ]


@pytest.mark.parametrize(
    "wrong",
    [RAISES, pytest.param(HANGS, marks=pytest.mark.long("rp2040"))],
    ids=["raises", "hangs"],
)
def test_the_culprit_is_named_and_the_rail_holds(bench: Bench, insert: Insert, wrong: str) -> None:
    bench.ship(broken_image(bench, wrong))
    bmc = insert(1)
    bmc.power(PowerCommand.ON)
    enable = bench.trace(1, "EN")
    wait_for_generation(bench, bmc, 2)
    assert bmc.power_state().state == power.ON
    assert [level for _, level in enable] == [1]
    assert told(bmc, events.BOOT)[-1]["cause"] == "watchdog"
    (bite,) = told(bmc, events.WATCHDOG)
    assert (bite["boot"], bite["service"]) == (2, "telemetry")
    assert 9_500 < int(str(bite["fed_ms"])) < 18_000  # all was well for ten seconds
    # On the chip MicroPython stood in flash; the virtual board's process cannot tell.
    assert int(str(bite["pc"])) >> 20 == (0x100 if bench.board != "virtual" else 0)
    crash = told(bmc, events.CRASH)
    text = "".join(str(piece["text"]) for piece in reversed(crash))
    assert ("ValueError: on purpose" in text) == (wrong == RAISES)
    assert {(piece["boot"], piece["service"]) for piece in crash} <= {(1, "telemetry")}


def test_a_bite_is_no_return_of_the_power(bench: Bench, insert: Insert) -> None:
    """What is off stays off, although the restore policy says on."""
    bench.ship(broken_image(bench, RAISES))
    bmc = insert(1)
    settings = Settings(Target(bench.bus, address_of(1), bench.clock), bench.clock)
    settings.set("restore_policy", 1)
    settings.store()
    enable = bench.trace(1, "EN")
    wait_for_generation(bench, bmc, 2)
    bench.clock.sleep(5)  # alone after three, and on at once, if it were so
    assert bmc.power_state().state == power.OFF
    assert [level for _, level in enable] == [0]
