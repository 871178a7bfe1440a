"""The assembly guide names what a rack needs, and shows pictures that exist. No CAD."""

import re

from racklet_enclosure import REPOSITORY, hardware
from racklet_enclosure.boards import fasteners
from racklet_enclosure.layout import Layout
from racklet_enclosure.rules import require

DOCS = REPOSITORY / "docs" / "enclosure"
GUIDE = DOCS / "assembly.md"


def test_the_guide_names_every_fastener_by_its_standard():
    text = " ".join(GUIDE.read_text().split())
    used = hardware.totals(require(Layout()))
    missing = [name for name in used if fasteners()[name]["standard"] not in text]
    assert missing == []


def test_the_guide_names_every_part():
    text = GUIDE.read_text() + (DOCS / "README.md").read_text()
    source = (REPOSITORY / "enclosure/racklet_enclosure/parts/__init__.py").read_text()
    names = re.findall(r'^    "(\w+)",$', source, re.M)
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in text] == []


def test_all_pictures_and_pages_that_the_chapter_shows_exist():
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert (DOCS / target).exists(), f"{page.name} points to {target}"


def test_the_pictures_stay_small():
    assert sum(file.stat().st_size for file in (DOCS / "pictures").rglob("*.png")) < 2_000_000
