"""The part of `unittest` that the firmware's tests use, for real MicroPython.

Runs the file named on the command line and exits with 1 if a test failed. The same files run
under CPython's own unittest and pytest.
"""

import sys


class SkipTest(Exception):
    pass


class _Raises:
    def __init__(self, expected) -> None:
        self._expected = expected
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace) -> bool:
        if kind is None:
            raise AssertionError(f"{self._expected} was not raised")
        self.exception = error
        return issubclass(kind, self._expected)


class TestCase:
    def setUp(self) -> None:
        pass

    def tearDown(self) -> None:
        pass

    def fail(self, message="") -> None:
        raise AssertionError(message)

    def skipTest(self, reason) -> None:
        raise SkipTest(reason)

    def _check(self, condition, text: str, message) -> None:
        if not condition:
            raise AssertionError(f"{text}: {message}" if message else text)

    def assertTrue(self, value, msg=None) -> None:
        self._check(value, f"{value!r} is not true", msg)

    def assertFalse(self, value, msg=None) -> None:
        self._check(not value, f"{value!r} is not false", msg)

    def assertEqual(self, first, second, msg=None) -> None:
        self._check(first == second, f"{first!r} != {second!r}", msg)

    def assertNotEqual(self, first, second, msg=None) -> None:
        self._check(first != second, f"{first!r} == {second!r}", msg)

    def assertIs(self, first, second, msg=None) -> None:
        self._check(first is second, f"{first!r} is not {second!r}", msg)

    def assertIsNone(self, value, msg=None) -> None:
        self._check(value is None, f"{value!r} is not None", msg)

    def assertIsNotNone(self, value, msg=None) -> None:
        self._check(value is not None, "None", msg)

    def assertIn(self, member, container, msg=None) -> None:
        self._check(member in container, f"{member!r} not in {container!r}", msg)

    def assertNotIn(self, member, container, msg=None) -> None:
        self._check(member not in container, f"{member!r} in {container!r}", msg)

    def assertLess(self, first, second, msg=None) -> None:
        self._check(first < second, f"{first!r} >= {second!r}", msg)

    def assertLessEqual(self, first, second, msg=None) -> None:
        self._check(first <= second, f"{first!r} > {second!r}", msg)

    def assertGreater(self, first, second, msg=None) -> None:
        self._check(first > second, f"{first!r} <= {second!r}", msg)

    def assertGreaterEqual(self, first, second, msg=None) -> None:
        self._check(first >= second, f"{first!r} < {second!r}", msg)

    def assertAlmostEqual(self, first, second, places=7, msg=None, delta=None) -> None:
        limit = delta if delta is not None else 0.5 * 10**-places
        self._check(abs(first - second) <= limit, f"{first!r} is not close to {second!r}", msg)

    def assertRaises(self, expected, function=None, *args, **kwargs):
        context = _Raises(expected)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)
        return None


def _cases(module):
    for name in sorted(dir(module)):
        value = getattr(module, name)
        if isinstance(value, type) and issubclass(value, TestCase) and value is not TestCase:
            yield name, value


def _run_one(case_type, method: str) -> bool:
    case = case_type()
    try:
        case.setUp()
        try:
            getattr(case, method)()
        finally:
            case.tearDown()
    except SkipTest as reason:
        print(f"SKIP {case_type.__name__}.{method}: {reason}")
    except Exception as error:  # noqa: BLE001 - a test may raise anything
        print(f"FAIL {case_type.__name__}.{method}")
        sys.print_exception(error)
        return False
    return True


def main(module) -> None:
    """Run every test method of `module`; exits with 1 on a failure or if there is none."""
    ran = failed = 0
    for _, case_type in _cases(module):
        for method in sorted(dir(case_type)):
            if method.startswith("test"):
                ran += 1
                failed += not _run_one(case_type, method)
    print(f"{ran} run, {failed} failed")
    sys.exit(1 if failed or not ran else 0)
