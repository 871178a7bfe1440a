"""Run something in a copy of the whole bench: a snapshot that costs a fork.

The copy has everything as it is now, to the cycle: chips, plant, clients, test. What it does
is not felt in the original, so a board that took seconds to boot is booted once and used often.
"""

import os
import pickle
import traceback
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class BranchFailed(AssertionError):
    """What ran in the copy raised; the text is its traceback."""


class Copy:
    """From here on there are two of us: the original asks `result()`, the copy says `answer()`."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self._pid = os.fork()
        self.is_original = self._pid != 0
        os.close(writing if self.is_original else reading)
        self._end = reading if self.is_original else writing

    def answer(self, task: Callable[[], object]) -> NoReturn:
        """Tell the original what `task` returns or raises, and end: nothing else is torn down."""
        try:
            try:
                said = pickle.dumps((False, task()))
            except BaseException:  # noqa: BLE001 - whatever it is, the original tells
                said = pickle.dumps((True, traceback.format_exc()))
            with os.fdopen(self._end, "wb") as pipe:
                pipe.write(said)
        finally:  # also where nobody listens any more: a copy must not go on with the tests
            os._exit(0)

    def result(self) -> Any:
        """Wait for the copy's end. Raises BranchFailed."""
        with os.fdopen(self._end, "rb") as pipe:
            said = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if not said:
            raise BranchFailed(f"the copy ended with status {status} and said nothing")
        failed, result = pickle.loads(said)  # noqa: S301 - from our own copy
        if failed:
            raise BranchFailed(result)
        return result


def branch(task: Callable[[], T]) -> T:
    """What `task` returns when it runs in a copy of the bench; it must be picklable."""
    copy = Copy()
    if not copy.is_original:
        copy.answer(task)
    result: T = copy.result()
    return result
