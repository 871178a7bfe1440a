"""A slice of the fuzzer with a fixed seed; `make soak` runs it at full length."""

from tests.target.fuzz import Fuzzer


def test_malformed_transactions_change_nothing() -> None:
    fuzzer = Fuzzer(seed=20_260)
    for _ in range(20_000):
        fuzzer.step()
    assert fuzzer.count == 20_000
