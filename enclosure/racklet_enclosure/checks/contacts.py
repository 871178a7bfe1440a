"""The staggered contacts: do all engage, in order, whatever the play of a blade. No CAD."""

from ..layout import Layout
from . import Result


def check(lay: Layout) -> Result:
    """Engagement depth and order of the three finger lengths, from board and socket data."""
    result = Result("staggered contacts")
    p, socket = lay.p, lay.vendor["socket"]
    tip = lay.shoulder - lay.bmc["tongue"]["length"]  # card's tip over the backplane
    if tip <= 0:
        result.findings.append(f"the card's tip would be {-tip:.2f} mm inside the backplane")
    least = float("inf")
    for length in ("long", "mid", "short"):
        start, end = socket[f"{length}_pad"]
        wipe = socket["contact_height"] - (tip + start)
        least = min(least, wipe)
        result.figures[f"{length}_wipe_mm"] = round(wipe, 2)
        if wipe < p.limits.wipe:
            result.findings.append(
                f"{length} contacts slide {wipe:.2f} mm; least {p.limits.wipe} mm"
            )
        if tip + end < socket["contact_height"] + 0.3:
            result.findings.append(f"{length} contacts are pushed past their pads")
    low, high = tip + socket["short_pad"][0] + p.limits.wipe, tip + socket["long_pad"][1] - 0.3
    result.figures["contact_height_window_mm"] = f"{low:.1f} to {high:.1f}"
    result.findings += _order(lay, result)
    return result


def _order(lay: Layout, result: Result) -> list[str]:
    p, socket = lay.p, lay.vendor["socket"]
    guided = lay.deck_rear - lay.front
    beyond = -lay.deck_rear - socket["contact_height"]
    reach = 1 + 2 * beyond / guided
    tilt = (p.fit.lift + p.fit.rest) / guided
    tongue = lay.bmc["tongue"]
    skew = tilt * (tongue["contacts"] - 1) * tongue["pitch"]
    steps = [
        socket["mid_pad"][0] - socket["long_pad"][0],
        socket["short_pad"][0] - socket["mid_pad"][0],
    ]
    side, up = p.fit.slide * reach, (p.fit.lift + p.fit.rest) * reach / 2
    result.figures |= {
        "step_mm": round(min(steps), 2),
        "skew_mm": round(skew, 2),
        "sideways_mm": round(side, 2),
        "upwards_mm": round(up, 2),
    }
    found = []
    if skew >= min(steps):
        found.append(
            f"a tilted blade mates out of order: {skew:.2f} mm against {min(steps):.2f} mm"
        )
    for name, off in (("sideways", side), ("upwards", up)):
        if off > socket["capture"]:
            found.append(
                f"the card meets the socket {off:.2f} mm off {name}; {socket['capture']} mm"
            )
    return found
