"""The exception tree: one root, stable codes, and the exit codes the command line promises."""

import inspect

import pytest
from racklet import errors

LEAVES = [
    c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, errors.RackletError)
]


@pytest.mark.parametrize("kind", LEAVES)
def test_every_error_has_a_code_of_its_own_and_a_promised_exit_code(kind):
    assert [c for c in LEAVES if c.code == kind.code] == [kind]
    assert kind.exit_code in (1, 2, 3, 4, 130)


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [("Refused", 1), ("UsageError", 2), ("Absent", 3), ("Nack", 3), ("AlreadyRunning", 4)],
)
def test_exit_codes_are_those_the_documentation_promises(kind, exit_code):
    assert getattr(errors, kind).exit_code == exit_code


def test_an_error_as_a_json_document():
    error = errors.NotReachable("no rack at /run/x", hint="start one")
    assert error.document() == {
        "error": {"code": "no_rack", "message": "no rack at /run/x", "hint": "start one"}
    }


def test_one_error_may_name_its_exact_reason():
    error = errors.VerificationFailed("wrong class", code="wrong_class")
    assert (error.code, error.exit_code) == ("wrong_class", 1)
    assert errors.VerificationFailed.code == "verification_failed"


def test_a_nack_says_which_message():
    assert errors.Nack(1).msg == 1
    assert "1" in str(errors.Nack(1))
