"""What may be asked on the socket of a simulated bus: one JSON object a line.

Either a whole transaction in the shape of the kernel's I2C_RDWR, or single steps of one:

    {"msgs":[{"addr":17,"write":"88"},{"addr":17,"read":3}]}
    {"op":"start","addr":17,"read":false}   {"op":"write","byte":136}
    {"op":"read","ack":true}                {"op":"stop"}

This module only turns lines into values; what they mean on a bus is `bus_service`.
"""

import json
from dataclasses import dataclass
from typing import Any

from racklet.bus import Message, Read, Write

MAX_LINE = 64 * 1024  # bytes, the newline not counted
MAX_MESSAGES = 42  # I2C_RDWR_IOCTL_MAX_MSGS, linux/i2c-dev.h
MAX_BYTES = 8192  # of one message, as i2c-dev allows


class BadLine(ValueError):
    """The line is no request; the text says why, in the caller's terms."""


@dataclass(frozen=True)
class Transaction:
    messages: tuple[Message, ...]


@dataclass(frozen=True)
class Start:
    address: int
    read: bool


@dataclass(frozen=True)
class WriteByte:
    byte: int


@dataclass(frozen=True)
class ReadByte:
    acknowledge: bool


@dataclass(frozen=True)
class Stop:
    pass


Step = Start | WriteByte | ReadByte | Stop
Request = Transaction | Step


def parse(line: bytes) -> Request:
    """The request in `line`; raises `BadLine`. Unknown names are refused, not ignored."""
    fields = parse_object(line)
    if "msgs" in fields:
        _only(fields, "msgs")
        messages = fields["msgs"]
        if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
            raise BadLine(f"msgs must be a list of 1 to {MAX_MESSAGES} messages")
        return Transaction(tuple(_message(m, i) for i, m in enumerate(messages)))
    return _step(fields)


def parse_object(line: bytes) -> dict[str, Any]:
    """The JSON object in `line`; raises `BadLine`."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise BadLine("not a JSON document") from None
    if not isinstance(fields, dict):
        raise BadLine("not a JSON object")
    return fields


def _step(fields: dict[str, Any]) -> Step:
    match fields.get("op"):
        case "start":
            _only(fields, "op", "addr", "read")
            return Start(_address(fields), _flag(fields, "read"))
        case "write":
            _only(fields, "op", "byte")
            return WriteByte(_integer(fields, "byte", 0xFF))
        case "read":
            _only(fields, "op", "ack")
            return ReadByte(_flag(fields, "ack"))
        case "stop":
            _only(fields, "op")
            return Stop()
        case None:
            raise BadLine("neither msgs nor op")
        case _:
            raise BadLine("op must be start, write, read or stop")


def _message(fields: object, index: int) -> Message:
    try:
        if not isinstance(fields, dict):
            raise BadLine("not a JSON object")
        if "write" in fields:
            _only(fields, "addr", "write")
            return Write(_address(fields), _hex(fields["write"]))
        if "read" in fields:
            _only(fields, "addr", "read", "recv_len")
            counted = "recv_len" in fields and _flag(fields, "recv_len")
            length = _integer(fields, "read", MAX_BYTES)
            if counted and length < 1:
                raise BadLine("read must be at least 1 with recv_len, for the count itself")
            return Read(_address(fields), length, counted)
        raise BadLine("neither write nor read")
    except BadLine as error:
        raise BadLine(f"message {index}: {error}") from None


def _only(fields: dict[str, Any], *names: str) -> None:
    for name in fields:
        if name not in names:
            raise BadLine(f"unknown name {name[:32]!r}")


def _integer(fields: dict[str, Any], name: str, most: int) -> int:
    value = fields.get(name)
    if type(value) is not int or not 0 <= value <= most:  # a bool is an int to isinstance
        raise BadLine(f"{name} must be an integer from 0 to {most}")
    return value


def _address(fields: dict[str, Any]) -> int:
    return _integer(fields, "addr", 0x7F)


def _flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if not isinstance(value, bool):
        raise BadLine(f"{name} must be true or false")
    return value


def _hex(text: object) -> bytes:
    # bytes.fromhex also takes spaces, which the contract does not promise.
    if not isinstance(text, str) or not text.isascii() or " " in text:
        raise BadLine("write must be a string of hex digits")
    try:
        data = bytes.fromhex(text)
    except ValueError:
        raise BadLine("write must be a string of hex digits") from None
    if len(data) > MAX_BYTES:
        raise BadLine(f"write is longer than {MAX_BYTES} bytes")
    return data
