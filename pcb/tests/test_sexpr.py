"""What is written is read back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from racklet_pcb.sexpr import Text, dump, find, find_all, parse

ATOMS = st.from_regex(r"[a-z_][a-z0-9_.-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.just("\n"))
TREES = st.recursive(
    ATOMS | TEXTS.map(Text), lambda inner: st.lists(inner, min_size=1), max_leaves=20
).filter(lambda t: isinstance(t, list))


@given(TREES)
def test_round_trip_keeps_values_and_quoting(tree: list[object]) -> None:
    back = parse(dump(tree))
    assert back == tree
    assert dump(back) == dump(tree)


@given(st.text(alphabet='()" ab\\\n', max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        assert "unbalanced" in str(error)


@pytest.mark.parametrize("text", ["(a (b)", "a)", "", ")("])
def test_unbalanced_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="unbalanced"):
        parse(text)


def test_children_are_found_by_their_head() -> None:
    tree = parse('(net (code "1") (name "GND") (node 1) (node 2))')
    assert find(tree, "name") == ["name", "GND"]
    assert len(find_all(tree, "node")) == 2
    assert find(tree, "missing") is None
