"""Every line of docs/develop/repl.md, typed at an emulated board."""

import re
from pathlib import Path

from racklet_bench.rp2040 import EmulatedRack
from racklet_bmc import app

PAGE = Path(__file__).parents[2] / "docs" / "develop" / "repl.md"
MS = 1_000_000


def lines() -> list[tuple[str, str]]:
    """What is typed, and what the page says is printed ("" where it says nothing)."""
    blocks = re.findall(r"```\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [
        (typed, printed.strip())
        for block in blocks
        for typed, printed in re.findall(r"^>>> (.*)\n((?:(?!>>> ).*\n)*)", block, re.MULTILINE)
    ]


def test_every_line_does_what_the_page_says() -> None:
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    bmc = rack.bmc(1)
    assert rack.wait_for(lambda: bmc.answering, 3_000 * MS)
    rack.run_until(rack.world.now_ns + 3_000 * MS)  # started, and seated for a while
    chip = bmc.chip
    assert chip is not None

    def typed(text: str, ms: int) -> str:
        chip.usb.received.clear()
        chip.usb.write(text.encode())
        rack.run_until(rack.world.now_ns + ms * MS)
        return chip.usb.received.decode().replace("\r\n", "\n")

    assert typed("\x03", 200).endswith(">>> ")
    assert len(lines()) > 15
    for line, expected in lines():
        answer = typed(line + "\r", 600)
        assert "Traceback" not in answer, answer
        printed = answer.removeprefix(line).removesuffix(">>> ").strip()
        if expected != "[...]":
            assert printed == expected, f"{line}: {printed}"
        elif "dir(bmc)" in line:
            assert set(app._SERVED) <= set(eval(printed))
    rack.run_until(rack.world.now_ns + 10_000 * MS)  # longer than the watchdog waits
    assert bmc.chip is chip
    assert bmc.answering
