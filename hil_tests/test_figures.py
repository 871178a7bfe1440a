"""The published figures: what counts as worse, and the committed page."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_bench import figures
from racklet_bench.figures import COMPUTED, EMULATED, HOST, Figure, FiguresError

READ = Figure("block read", 940.0, "us", EMULATED, "mean of 50", target=941)


def test_an_emulated_figure_may_worsen_by_5_percent_and_no_more() -> None:
    assert list(figures.worsened([READ], [replace(READ, value=987.0)])) == []
    worse = list(figures.worsened([READ], [replace(READ, value=987.1)]))
    assert worse == ["block read: 987.1 us, committed 940"]


def test_better_is_not_worse() -> None:
    assert list(figures.worsened([READ], [replace(READ, value=1.0)])) == []


@pytest.mark.parametrize("kind", [COMPUTED, HOST])
def test_what_is_not_emulated_is_never_asserted(kind: str) -> None:
    row = replace(READ, kind=kind)
    assert list(figures.worsened([row], [replace(row, value=9400.0)])) == []
    assert list(figures.worsened([row], [])) == []


def test_a_figure_that_went_or_came_is_said() -> None:
    assert "no longer measured" in next(figures.worsened([READ], []))
    assert "not committed" in next(figures.worsened([], [READ]))


def test_a_missed_target_is_shown_as_missed() -> None:
    assert "| 940 us | 941 us | met |" in figures.table([READ])
    late = replace(READ, value=941.5)
    assert "| 941.5 us | 941 us | **missed** |" in figures.table([late])


@given(st.floats(0, 1e9), st.none() | st.floats(0, 1e9))
def test_json_keeps_a_row_to_a_thousandth(value: float, target: float | None) -> None:
    row = replace(READ, value=value, target=target)
    [read] = figures.parse(figures.as_json([row]))
    assert read == replace(row, value=round(value, 3))


@pytest.mark.parametrize(
    "text",
    ["", "engine: stock\n[]", "7", "[7]", '[{"name": "x"}]', figures.as_json([READ, READ])],
)
def test_what_is_not_rows_is_refused(text: str) -> None:
    with pytest.raises(FiguresError):
        figures.parse(text)


def test_a_program_that_fails_is_named() -> None:
    with pytest.raises(FiguresError, match="racklet_bench.no_such_program"):
        figures.measure(["racklet_bench.no_such_program"])


def test_a_kind_must_be_known() -> None:
    with pytest.raises(FiguresError, match="wall"):
        replace(READ, kind="wall")


def test_the_page_is_made_from_the_committed_rows() -> None:
    assert figures.PAGE.read_text() == figures.page(figures.parse(figures.DATA.read_text()))
