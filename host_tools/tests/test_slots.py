"""How people write slots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet.errors import NoSuchSlot, UsageError
from racklet.slots import format_slots, parse_slots

FIVE = range(1, 6)


@pytest.mark.parametrize(
    ("words", "slots"),
    [
        (["3"], [3]),
        (["1-5"], [1, 2, 3, 4, 5]),
        (["1,4"], [1, 4]),
        (["4", "1"], [4, 1]),
        (["all"], [1, 2, 3, 4, 5]),
        (["2-3,3,5", "3"], [2, 3, 5]),
        (["2-2"], [2]),
    ],
)
def test_what_people_write(words, slots):
    assert parse_slots(words, FIVE) == slots


@pytest.mark.parametrize(
    "word", ["", "x", "1-", "-1", "1--2", "1..3", "3-1", "1,,2", "0x1", "1.5", "\u0661", "\u00b2"]
)
def test_what_is_no_slot_is_wrong_usage(word):
    with pytest.raises(UsageError) as caught:
        parse_slots([word], FIVE)
    assert "1-5" in caught.value.hint


@pytest.mark.parametrize("word", ["0", "6", "4-6", "9999", "0-9999", "3000-9999"])
def test_a_slot_that_the_rack_does_not_have(word):
    with pytest.raises(NoSuchSlot) as caught:
        parse_slots([word], FIVE)
    assert "1-5" in caught.value.hint


@given(st.sets(st.integers(1, 14)))
def test_slots_are_read_back_as_they_are_shown(slots):
    text = format_slots(sorted(slots))
    assert (text == "none") == (not slots)
    if slots:
        assert parse_slots([text], range(1, 15)) == sorted(slots)


@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_text_gives_slots_of_the_rack_or_an_error(words):
    try:
        slots = parse_slots(words, FIVE)
    except (UsageError, NoSuchSlot):
        return
    assert slots
    assert set(slots) <= set(FIVE)
