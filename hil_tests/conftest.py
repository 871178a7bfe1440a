"""`--bench` chooses what the behaviour tests run against; the tests do not know."""

from collections.abc import Iterator
from importlib import import_module

import pytest
from racklet_bench.bench import Bench

BENCHES = ("virtual", "rp2040")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", choices=BENCHES, default="virtual", help="which test bench")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*abilities): what the bench must be able to do")


def open_bench(name: str) -> Bench:
    """A bench by its name; imported only then, since each brings its own dependencies."""
    made: Bench = import_module(f"racklet_bench.{name}").open_bench()
    return made


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A fresh bench with all slots empty."""
    made = open_bench(request.config.getoption("--bench"))
    try:
        for marker in request.node.iter_markers("needs"):
            if missing := set(marker.args) - made.abilities:
                pytest.skip(f"this bench has no {', '.join(sorted(missing))}")
        yield made
    finally:
        made.close()
