"""KiCad's s-expressions as nested lists: quoted strings are `Text`, everything else is plain."""

import re
from typing import Any

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


class Text(str):
    """A string that is written in quotes."""


def parse(text: str) -> list[Any]:
    """The first expression of `text`. Raises ValueError when parentheses do not balance."""
    stack: list[list[Any]] = [[]]
    for match in _TOKEN.finditer(text):
        quoted, bracket, atom = match.groups()
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            if len(stack) < 2:
                raise ValueError("unbalanced s-expression: too many closing parentheses")
            done = stack.pop()
            stack[-1].append(done)
        elif quoted is not None:
            stack[-1].append(Text(re.sub(r'\\["\\n]', lambda m: _ESCAPES[m.group(0)], quoted)))
        else:
            stack[-1].append(atom)
    if len(stack) != 1 or not stack[0]:
        raise ValueError("unbalanced s-expression: a parenthesis is left open")
    return stack[0][0]  # type: ignore[no-any-return]


def _atom(x: Any) -> str:
    if isinstance(x, Text):
        quoted = x.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{quoted}"'
    if isinstance(x, float):
        return f"{x:.4f}".rstrip("0").rstrip(".")
    return str(x)


def dump(x: Any, depth: int = 0) -> str:
    """KiCad's own layout: one nested list a line, tabs."""
    if not isinstance(x, list):
        return _atom(x)
    if not any(isinstance(y, list) for y in x):
        return "(" + " ".join(_atom(y) for y in x) + ")"
    out = "("
    for i, y in enumerate(x):
        if isinstance(y, list):
            out += "\n" + "\t" * (depth + 1) + dump(y, depth + 1)
        else:
            out += (" " if i else "") + _atom(y)
    return out + "\n" + "\t" * depth + ")"


def find(x: list[Any], key: str) -> Any:
    """First child list that starts with `key`, or None."""
    return next((y for y in x if isinstance(y, list) and y and y[0] == key), None)


def find_all(x: list[Any], key: str) -> list[Any]:
    return [y for y in x if isinstance(y, list) and y and y[0] == key]
