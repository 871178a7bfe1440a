"""The order in which the rack is put together: what each step adds, and from where it comes.

The assembly guide follows it, its pictures are drawn from it, and a check moves every piece in.
"""

from dataclasses import dataclass

Vector = tuple[float, float, float]
LEFT, RIGHT, FRONT, ABOVE, BELOW = (
    (-1.0, 0.0, 0.0),
    (1.0, 0.0, 0.0),
    (0.0, -1.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.0, 0.0, -1.0),
)


@dataclass(frozen=True)
class Add:
    """One kind of piece of a step: it comes from `way`, drawn `apart` mm away."""

    name: str
    way: Vector
    apart: float


STEPS: tuple[tuple[Add, ...], ...] = (
    (Add("backplane_mount", FRONT, 0), Add("backplane", FRONT, 40)),
    (Add("side_left", LEFT, 60),),
    (Add("rmc_bay", LEFT, 110), Add("rmc_board", LEFT, 60)),
    (
        Add("base", BELOW, 60),
        Add("fan", BELOW, 25),
        Add("fan_grille", BELOW, 85),
        Add("foot", BELOW, 95),
    ),
    (Add("side_right", RIGHT, 60),),
    (Add("deck", FRONT, 110),),
    (Add("top", ABOVE, 60), Add("cable_guide", ABOVE, 85)),
    (Add("handle", ABOVE, 45), Add("case_screws", ABOVE, 0)),
)
