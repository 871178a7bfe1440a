"""What was at the converter's inputs lately is what was there."""

import pytest
from racklet_plant.history import KEPT_NS, History
from racklet_plant.unit import Unit
from racklet_plant.world import MS, US, World


class Toy:
    """Two nodes that are set by hand and noted."""

    def __init__(self) -> None:
        self.world = World()
        self.values = [0, 0]
        nodes = [lambda: self.values[0], lambda: self.values[1]]
        self.history = History(self.world, nodes)

    def at(self, ns: int, *values: int) -> None:
        self.world.advance_to(ns)
        self.values[:] = values
        self.history.note()

    def node(self, node: int, *instants: int) -> list[int]:
        return self.history.samples([(ns, node) for ns in instants])


@pytest.fixture
def toy() -> Toy:
    return Toy()


def test_between_two_looks_nodes_moved_evenly(toy: Toy) -> None:
    toy.at(0, 0, 50)
    toy.at(1000, 100, 0)
    assert toy.node(0, 0, 250, 999, 1000, 5000) == [0, 25, 99, 100, 100]
    assert toy.node(1, 500) == [25]


def test_a_jump_is_a_jump(toy: Toy) -> None:
    toy.at(0, 10, 0)
    toy.at(1000, 10, 0)
    toy.at(1000, 90, 0)
    toy.at(2000, 90, 0)
    assert toy.node(0, 1, 999, 1000, 1001, 1999) == [10, 10, 90, 90, 90]


def test_what_is_at_rest_costs_nothing(toy: Toy) -> None:
    for ns in range(0, 1000 * US, US):
        toy.at(ns, 7, 7)
    assert len(toy.history._points) == 2
    assert toy.node(0, 0, 500 * US) == [7, 7]


def test_the_last_half_second_is_kept_and_little_more(toy: Toy) -> None:
    for ns in range(0, 2000 * MS, MS):
        toy.at(ns, ns // MS, 0)
    assert len(toy.history._points) < KEPT_NS // MS + 5
    assert toy.node(0, 1600 * MS, 1999 * MS) == [1600, 1999]


def test_before_the_first_look_it_was_as_then(toy: Toy) -> None:
    with pytest.raises(ValueError, match="nothing"):
        toy.node(0, 0)
    toy.at(5000, 3, 0)
    assert toy.node(0, 0, 5000) == [3, 3]


def test_samples_of_a_power_on_are_what_single_conversions_see(world: World, unit: Unit) -> None:
    """Frame by frame, beside a converter that looks when it happens."""
    unit.port.drive(unit.board.pins["LATCH_SET"], 1)
    begin, live = world.now_ns, []
    for k in range(200):
        world.advance_to(begin + k * 100 * US)
        unit.power.advance()
        live.append([unit.port.adc_u12(channel) for channel in range(3)])
    for channel, most in ((0, 40), (1, 3), (2, 60)):
        drawn = unit.port.adc_samples([(begin + k * 100 * US, channel) for k in range(200)])
        off = [abs(mine - seen[channel]) for mine, seen in zip(drawn, live, strict=True)]
        assert max(off) <= most
    assert max(row[0] for row in live) > 3_000, "the rail did not come up"
