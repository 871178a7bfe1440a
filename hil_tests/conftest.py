"""`--bench` chooses what the behaviour tests run against; the tests do not know."""

from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
from racklet.bmc import Bmc
from racklet.rack import Rack
from racklet_bench.bench import Bench
from racklet_wire import power

BENCHES = ("virtual", "rp2040")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bench", choices=BENCHES, default="virtual", help="which test bench")
    parser.addoption("--whole", action="store_true", help="what takes long on this bench, too")
    parser.addoption("--life-s", type=float, default=60, help="bench seconds of each random life")
    parser.addoption("--lives", type=int, default=3, help="how many random lives")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*abilities): what the bench must be able to do")
    config.addinivalue_line("markers", "long(bench): runs on that bench with --whole only")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say so where the bench is slow, also with -q, and once for all workers."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        reporter
        and session.config.getoption("--bench") == "rp2040"
        and (slow := import_module("racklet_bench.rp2040.engine").SLOW)
    ):
        reporter.write_line(slow)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long on the bench; `make test-rp2040-all` takes it all."""
    if config.getoption("--whole"):
        return
    marks = (config.getoption("--bench"),)
    left_out = [i for i in items if marks in {mark.args for mark in i.iter_markers("long")}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


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


@pytest.fixture
def rack(bench: Bench) -> Rack:
    """The public client over the bench's bus and clock."""
    return Rack(bench.bus, len(bench.slots), bench.clock)


@pytest.fixture
def insert(bench: Bench, rack: Rack) -> Callable[..., Bmc]:
    """Insert units and wait until each is measured off; the client of the last one."""

    def insert(*slots: int) -> Bmc:
        for slot in slots:
            bench.insert(slot)
        bmcs = [rack.bmc(slot) for slot in slots]
        wait_for(bench, lambda: all(is_off(bmc) for bmc in bmcs), "all of them off", 10)
        return bmcs[-1]

    return insert


def is_off(bmc: Bmc) -> bool:
    return bmc.is_present() and bmc.power_state().state == power.OFF


def wait_for(bench: Bench, condition: Callable[[], bool], what: str, limit_s: float) -> float:
    """Bench time until the condition holds; fails after the limit."""
    begin = bench.clock.monotonic()
    while not condition():
        bench.clock.sleep(0.010)
        waited = bench.clock.monotonic() - begin
        assert waited < limit_s, f"still waiting for {what} after {waited:.3f} s"
    return bench.clock.monotonic() - begin
