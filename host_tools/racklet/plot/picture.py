"""Curves as a picture in a file. Needs matplotlib: the extra `racklet[plot]`."""

from collections.abc import Sequence
from pathlib import Path

from racklet.errors import FileProblem, MissingPart
from racklet.plot import Curve

# Okabe and Ito's colours, told apart with any eyes.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_INCHES = (9.0, 2.1)  # of a panel


def require() -> None:
    """Raises `MissingPart` where pictures cannot be drawn."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise MissingPart(
            "pictures need matplotlib, which is not installed",
            hint="say pip install 'racklet[plot]', or write --csv",
        ) from None


def save(curves: Sequence[Curve], x_label: str, title: str, path: Path) -> None:
    """Write a PNG or SVG, as the ending says: panels over one axis, a line where x is 0."""
    require()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    width, height = _INCHES
    figure = Figure(figsize=(width, height * len(curves)), layout="constrained")
    panels = figure.subplots(len(curves), 1, sharex=True, squeeze=False)[:, 0]
    for k, (panel, curve) in enumerate(zip(panels, curves, strict=True)):
        panel.plot(curve.xs, curve.ys, color=_COLOURS[k % len(_COLOURS)], linewidth=1.2)
        panel.axvline(0, color="0.4", linewidth=0.8, linestyle="--")
        panel.set_ylabel(f"{curve.label}, {curve.unit}")
        low, high = curve.limits
        panel.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        panel.grid(alpha=0.3)
    panels[0].set_title(title, fontsize="medium")
    panels[-1].set_xlabel(x_label)
    panels[-1].set_xlim(curves[0].xs[0], curves[0].xs[-1])
    kind = path.suffix.lower().removeprefix(".")
    # The same curves make the same bytes: no date, no random names.
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    try:
        with mpl.rc_context({"svg.hashsalt": "racklet"}):
            figure.savefig(path, format=kind, dpi=120, metadata=metadata)
    except OSError as error:
        raise FileProblem(f"cannot write {path}: {error.strerror or error}") from None
