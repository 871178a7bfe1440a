"""Random hands on a whole rack: what must hold whatever happens, and twice the same."""

import os
import random
from typing import Any

import pytest
from racklet_plant import ControlError, Rack, World
from racklet_plant.controls import run

MS = 1_000_000


def actions(rng: random.Random, slot: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("insert", {"slot": slot}),
        ("remove", {"slot": slot, "break_ms": rng.choice([1.1, 5.0, 20.0])}),
        ("short", {"slot": slot, "ms": rng.choice([1, 50])}),
        ("short", {"slot": slot, "where": "input", "ms": 5}),
        ("load", {"slot": slot, "ma": rng.randrange(6000)}),
        ("load", {"slot": slot}),
        ("release", {"slot": slot}),
        ("backfeed", {"slot": slot, "mv": rng.randrange(5000)}),
        ("brownout", {"mv": rng.randrange(20_000), "ms": rng.randrange(200)}),
        ("brownout", {"mv": rng.randrange(20_000), "ms": 30, "slot": slot}),
        ("surge", {"mv": 23_500, "ms": 20}),
        ("flicker", {"slot": slot, "contact": "presence", "ms": 1}),
        ("flicker", {"slot": slot, "contact": "busbar", "ms": 3}),
        ("supply", {"limit_ma": rng.choice([2000, 9500])}),
        ("sensor", {"slot": slot, "name": "output", "fault": rng.choice(["absent", "ok"])}),
    ]


def check(rack: Rack) -> None:
    for unit in rack.units:
        power = unit.power
        if not unit._seated or not power.standby.up:
            assert unit.latch.q == 0  # never enabled while absent or without standby
        if unit.latch.q == 0:
            assert power.efuse.state.value == "off"
        assert unit.true_in_uj >= 0
        if not power.buck._feed_ua:
            assert 0 <= power.buck.rail.v_uv <= 5_200_000
        assert 0 <= power.efuse.out.v_uv <= 24_000_000
        assert 0 <= power.standby.hold.v_uv <= 24_000_000
    assert 0 <= rack.supply.v_uv <= 24_000_000


def live(seed: int, steps: int) -> list[object]:
    world = World(seed)
    rack = Rack(world, slots=3, speed_up=20)
    rng = random.Random(seed)
    diary: list[object] = []
    for _ in range(steps):
        name, arguments = rng.choice(actions(rng, rng.randint(1, 3)))
        try:
            run(rack, name, arguments)
        except ControlError as e:
            diary.append(str(e))
        for unit in rack.units:
            gpio = unit.board.pins["LATCH_SET"]
            unit.port.drive(gpio, rng.randint(0, 1))
        before = world._sequence
        span = rng.choice([1, 20, 300, 800])
        for _ in range(4):
            world.advance(span * MS // 4)
            check(rack)
        assert world._sequence - before < 300 * (span + 20)  # no event storm
    for unit in rack.units:
        diary.append(
            (unit.true_in_uj, unit.true_out_uj, unit.latch.cause, unit.compute.state.value)
        )
    return diary


@pytest.mark.parametrize("seed", range(int(os.environ.get("PLANT_LIVES", "4"))))
def test_invariants_hold_and_the_same_seed_is_the_same_life(seed: int) -> None:
    first = live(seed, 40)
    assert live(seed, 40) == first


def test_another_seed_is_another_life() -> None:
    assert live(1, 10) != live(2, 10)
