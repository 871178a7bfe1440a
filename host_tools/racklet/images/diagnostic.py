"""CBOR diagnostic notation (RFC 8949 section 8, RFC 8610 appendix G), indented for people."""

import json

from racklet_wire import cbor

_LONG = 64  # bytes of a string that are shown
_DEPTH = 8  # byte strings inside one another that are opened; an envelope has five


def diagnose(data: bytes) -> str:
    """The notation of one encoded item; a byte string that holds a container of its own is
    shown as `<<...>>`. ValueError if `data` is not deterministic CBOR."""
    return _show(cbor.decode(data), "", _DEPTH)


def _show(value: object, indent: str, depth: int) -> str:
    if isinstance(value, cbor.Tag):
        return f"{value.number}({_show(value.value, indent, depth)})"
    if isinstance(value, bytes):
        return _show_bytes(value, indent, depth)
    if isinstance(value, list):
        return _block("[", [_show(item, indent + "  ", depth) for item in value], "]", indent)
    if isinstance(value, dict):
        rows = [
            f"{_show(key, '', depth)}: {_show(item, indent + '  ', depth)}"
            for key, item in value.items()
        ]
        return _block("{", rows, "}", indent)
    # Text, an integer, true, false or null: written as in JSON, no control character as it is.
    return json.dumps(value)


def _show_bytes(value: bytes, indent: str, depth: int) -> str:
    try:
        inner = cbor.decode(value) if depth else None
    except cbor.CborError:
        inner = None
    if isinstance(inner, list | dict | cbor.Tag):
        return f"<<{_show(inner, indent, depth - 1)}>>"
    if len(value) > _LONG:
        return f"h'{value[:16].hex()}' / ... {len(value)} bytes /"
    return f"h'{value.hex()}'"


def _block(start: str, rows: list[str], end: str, indent: str) -> str:
    line = start + ", ".join(rows) + end
    if "\n" not in line and len(indent) + len(line) <= 76:
        return line
    inside = indent + "  "
    return start + "\n" + ",\n".join(inside + row for row in rows) + "\n" + indent + end
