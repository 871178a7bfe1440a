"""What a board maker and a builder are handed: everything in one folder.

PDF schematic, gerbers and drill in one zip, position file, assembly drawing, STEP, pictures,
BOM as CSV and HTML.
"""

import csv
import html
import io
import shutil
import zipfile
from pathlib import Path

from . import pictures
from .judge import run

DOCS = Path(__file__).resolve().parents[2] / "docs" / "hardware"
OUTER = "F.Cu,B.Cu,F.Mask,B.Mask,F.Paste,B.Paste,F.Silkscreen,B.Silkscreen,Edge.Cuts"
ZIP_TIME = (2026, 1, 1, 0, 0, 0)  # the zip shall not carry the hour it was made


def bom_html(name: str) -> str:
    rows = list(csv.reader(io.StringIO((DOCS / f"bom_{name}.csv").read_text(encoding="utf-8"))))
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows[1:]
    )
    head = "".join(f"<th>{html.escape(cell.replace('_', ' '))}</th>" for cell in rows[0])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>BOM {name}</title>\n"
        "<style>body{font:14px sans-serif}table{border-collapse:collapse}"
        "td,th{border:1px solid #bbb;padding:2px 6px;text-align:left}"
        "tr:nth-child(even){background:#f4f4f4}</style>\n"
        f"<h1>Bill of materials: {name}</h1>\n<table><tr>{head}</tr>\n{body}\n</table></html>\n"
    )


def gerbers(name: str, pcb: Path, out: Path, layers: int) -> None:
    folder = out / "gerbers"
    folder.mkdir(exist_ok=True)
    inner = "".join(f",In{n}.Cu" for n in range(1, layers - 1))
    run("pcb", "export", "gerbers", "--layers", OUTER + inner, "-o", f"{folder}/", pcb)
    run("pcb", "export", "drill", "--excellon-separate-th", "-o", f"{folder}/", pcb)
    with zipfile.ZipFile(out / f"{name}_gerbers.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name, ZIP_TIME), file.read_bytes())


def write(name: str, folder: Path, out: Path, layers: int | None = None) -> None:
    """Fill `out`. Raises JudgeError when an export fails."""
    out.mkdir(parents=True, exist_ok=True)
    pcb, sch = folder / f"{name}.kicad_pcb", folder / f"{name}.kicad_sch"
    count = layers or pcb.read_text(encoding="utf-8").count(" signal)")
    run("sch", "export", "pdf", "-o", out / f"{name}_schematic.pdf", sch)
    gerbers(name, pcb, out, count)
    run(
        "pcb",
        "export",
        "pos",
        "--format",
        "csv",
        "--units",
        "mm",
        "-o",
        out / f"{name}_positions.csv",
        pcb,
    )
    run("pcb", "export", "step", "--force", "-o", out / f"{name}.step", pcb)
    # Every designator, also those the print has no room for.
    run("pcb", "export", "pdf", "--layers", "F.Fab,Edge.Cuts", "-o",
        out / f"{name}_assembly.pdf", pcb)  # fmt: skip
    pictures.write(name, pcb)
    for side in pictures.SIDES:
        shutil.copy(pictures.FOLDER / f"{name}_{side}.png", out)
    (out / f"{name}_bom.html").write_text(bom_html(name), encoding="utf-8")
    (out / f"{name}_bom.csv").write_bytes((DOCS / f"bom_{name}.csv").read_bytes())
