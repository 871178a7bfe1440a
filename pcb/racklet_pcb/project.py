"""Write a board's KiCad project: root sheet, sub-sheets, library tables and settings."""

import json
import uuid
from pathlib import Path
from typing import Any

from .circuit import Circuit, Sheet
from .draw import NAMESPACE, SheetWriter, title_block
from .sexpr import Text, dump

# KiCad calls a missing part or a wrong value only a warning by default; here parity is an error.
SEVERITIES = {
    "missing_footprint": "error",
    "extra_footprint": "error",
    "footprint_symbol_mismatch": "error",
    "footprint_filters_mismatch": "ignore",
    "net_conflict": "error",
    "track_dangling": "error",
    "via_dangling": "error",
    "silk_edge_clearance": "ignore",  # connectors overhang the edge by design
    "lib_footprint_mismatch": "ignore",  # texts are moved and hidden on the board
    "lib_footprint_issues": "error",
}


def _uuid(*what: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "/".join(what)))


def first_sheet(circuit: Circuit, net: str) -> Sheet:
    """The sheet on which a net appears first. Raises LookupError for a net that does not exist."""
    for sheet in circuit.sheets:
        if any(net in part.nets.values() for block in sheet.blocks for part in block.parts):
            return sheet
    raise LookupError(f"{circuit.name}: no part is on the driven net {net}")


def write_schematic(circuit: Circuit, folder: Path) -> None:
    """Root sheet and one file a sheet, under one stem."""
    root = _uuid(circuit.name, "root")
    sheets: list[Any] = []
    for k, sheet in enumerate(circuit.sheets):
        me = _uuid(circuit.name, "sheet", sheet.name)
        file = f"{circuit.name}_{sheet.name}.kicad_sch"
        writer = SheetWriter(circuit, sheet, k + 1, f"/{root}/{me}")
        writer.lay_out()
        mine = [net for net in circuit.driven if first_sheet(circuit, net) is sheet]
        if mine:
            writer.flags(mine)
        page = ["uuid", Text(_uuid(circuit.name, "page", sheet.name))]
        (folder / file).write_text(dump(writer.document(page)) + "\n")
        x, y = 25.4 + 96.52 * (k % 4), 38.1 + 50.8 * (k // 4)
        hide = ["effects", ["font", ["size", 1.27, 1.27]], ["justify", "left", "bottom"]]
        sheets.append(
            [
                "sheet",
                ["at", x, y],
                ["size", 76.2, 25.4],
                ["exclude_from_sim", "no"],
                ["in_bom", "yes"],
                ["on_board", "yes"],
                ["dnp", "no"],
                ["stroke", ["width", 0.15], ["type", "solid"]],
                ["fill", ["color", 0, 0, 0, 0]],
                ["uuid", Text(me)],
                ["property", Text("Sheetname"), Text(sheet.title), ["at", x, y - 0.7, 0], hide],
                ["property", Text("Sheetfile"), Text(file), ["at", x, y + 29.2, 0], hide],
                [
                    "instances",
                    [
                        "project",
                        Text(circuit.name),
                        ["path", Text(f"/{root}"), ["page", Text(str(k + 2))]],
                    ],
                ],
            ]
        )
    document = [
        "kicad_sch",
        ["version", "20250114"],
        ["generator", Text("racklet_pcb")],
        ["generator_version", Text("9.0")],
        ["uuid", Text(root)],
        ["paper", Text("A3")],
        title_block(circuit, ""),
        ["lib_symbols"],
        *sheets,
        ["sheet_instances", ["path", Text("/"), ["page", Text("1")]]],
        ["embedded_fonts", "no"],
    ]
    (folder / f"{circuit.name}.kicad_sch").write_text(dump(document) + "\n")


def write_tables(circuit: Circuit, folder: Path) -> None:
    """Project-local library tables, so that a fresh home folder finds every symbol and footprint.

    Stock libraries are named by KiCad's own variables; ours lies in pcb/lib.
    """
    kinds = (
        (
            "sym",
            "symbol",
            "${KICAD9_SYMBOL_DIR}/%s.kicad_sym",
            "${KIPRJMOD}/../lib/racklet.kicad_sym",
        ),
        (
            "fp",
            "footprint",
            "${KICAD9_FOOTPRINT_DIR}/%s.pretty",
            "${KIPRJMOD}/../lib/racklet.pretty",
        ),
    )
    for short, attribute, stock, own in kinds:
        names = {getattr(p.type, attribute).split(":")[0] for p in circuit.parts()}
        names |= {"power"} if short == "sym" else set()
        table: list[Any] = [f"{short}_lib_table", ["version", "7"]]
        for name in sorted(names):
            uri = own if name == "racklet" else stock % name
            table.append(
                [
                    "lib",
                    ["name", Text(name)],
                    ["type", Text("KiCad")],
                    ["uri", Text(uri)],
                    ["options", Text("")],
                    ["descr", Text("")],
                ]
            )
        (folder / f"{short}-lib-table").write_text(dump(table) + "\n")


def write_settings(name: str, folder: Path, rules: dict[str, Any]) -> None:
    """`.kicad_pro`: design rules, net classes and severities. `rules` is the board's RULES."""
    classes = [
        {
            "name": kind,
            "clearance": c["clearance"],
            "track_width": c["track"],
            "via_diameter": c["via"],
            "via_drill": c["drill"],
            "diff_pair_gap": 0.15,
            "diff_pair_width": 0.2,
            "microvia_diameter": 0.3,
            "microvia_drill": 0.1,
            "priority": 2147483647 if kind == "Default" else k,
        }
        for k, (kind, c) in enumerate(rules["classes"].items())
    ]
    patterns = [
        {"netclass": kind, "pattern": net}
        for kind, c in rules["classes"].items()
        for net in c.get("nets", ())
    ]
    settings = {"rules": rules["minimum"], "rule_severities": SEVERITIES}
    document = {
        "board": {"design_settings": settings},
        "erc": {"rule_severities": {"footprint_filter": "ignore"}},
        "meta": {"filename": f"{name}.kicad_pro", "version": 3},
        "net_settings": {
            "classes": classes,
            "meta": {"version": 4},
            "netclass_patterns": patterns,
        },
        "schematic": {},
        "sheets": [],
    }
    (folder / f"{name}.kicad_pro").write_text(json.dumps(document, indent=2) + "\n")
