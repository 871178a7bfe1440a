"""Every design figure keeps its margin, and a changed component is noticed."""

from dataclasses import replace
from typing import Any

import pytest
from calc import buck, efuse, figures, fuses, rack, report, sensing, standby, usb
from racklet_pcb.netlist import Netlist


@pytest.mark.parametrize("figure", report.figures(), ids=lambda f: f.name)
def test_figure_keeps_its_margin(figure: figures.Figure) -> None:
    assert figure.ok, figure.row()


def test_the_published_table_is_current() -> None:
    assert report.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("module", "ref", "value", "breaks"),
    [
        (efuse, "R205", "8k2", "current limit, lowest"),
        (efuse, "R204", "12k", "over-voltage cut, lowest"),
        (efuse, "C203", "100p", "slew at start"),
        (efuse, "R206", "30k", "IMON in a 2x pulse"),
        (buck, "R304", "14k7 0.5%", "output, highest"),
        (buck, "C306", "10u", "effective output capacitance"),
        (buck, "R302", "10k", "enable threshold"),
        (standby, "C401", "47u 35V", "hold-up from 10 V"),
        (standby, "R401", "2R2", "insertion peak"),
        (standby, "R402", "10k", "3.3 V lifted"),
        (sensing, "R306", "10m 1% 1W", "output shunt at full current"),
        (rack, "R6", "100k", "bus rise time"),
        (efuse, "C205", "10n", "reverse current while a neighbour is inserted"),
        (efuse, "R215", "10k", "fault level at the gate"),
        (fuses, "R401", "47m", "insertion through the slot fuse"),
    ],
)
def test_a_wrong_component_breaks_a_figure(
    monkeypatch: pytest.MonkeyPatch, module: Any, ref: str, value: str, breaks: str
) -> None:
    def altered(board: str) -> Netlist:
        n = figures.load(board)
        return replace(n, values={**n.values, ref: value})

    monkeypatch.setattr(module, "load", altered)
    broken = [f.name for f in module.figures() if not f.ok]
    assert any(breaks in name for name in broken), broken


@pytest.mark.parametrize(
    ("text", "value"), [("4u7 50V", 4.7e-6), ("39p C0G", 39e-12), ("100n X7R 16V", 1e-7)]
)
def test_capacitances_are_read(text: str, value: float) -> None:
    assert figures.farads(text) == pytest.approx(value)


def test_a_text_that_is_no_capacitance_is_refused() -> None:
    with pytest.raises(ValueError, match="no capacitance"):
        figures.farads("10k")


def test_figure_without_room_is_not_ok() -> None:
    f = figures.Figure("x", 9.5, "max", 10.0, "V", 0.1, "test")
    assert not f.ok
    assert f.room == pytest.approx(0.05)


def test_a_longer_usb_line_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb, "length", lambda *nets: 200.0 if "USB_DP" in nets else 20.0)
    assert [f.name for f in usb.figures() if not f.ok] == [
        "there and back on the longer line",
        "skew of D+ against D-",
        "step at an edge from 151 ohm in place of 90",
    ]
