"""Every relative link and image of the Markdown files leads somewhere, anchors included."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|(?:src|href)=\"([^\"]+)\"")
_CODE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_INLINE_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def pages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def prose(page: Path) -> str:
    """The page without its code."""
    return _INLINE_CODE.sub("", _CODE.sub("", page.read_text()))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and mdBook make them."""
    text = _CODE.sub("", page.read_text())
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in _HEADING.findall(text)
    }


def broken(page: Path) -> Iterator[str]:
    name = page.relative_to(ROOT)
    for match in _LINK.finditer(prose(page)):
        link = match[1] or match[2]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{name}: {link} leads nowhere"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"{name}: {link} has no such heading"


def unlisted() -> Iterator[str]:
    """Pages of the book that its table of contents does not name."""
    summary = (ROOT / "docs" / "SUMMARY.md").read_text()
    for page in pages():
        name = page.relative_to(ROOT)
        if name.parts[0] == "docs" and name.name != "SUMMARY.md":
            path = name.relative_to("docs").as_posix()
            if f"({path})" not in summary:
                yield f"docs/SUMMARY.md does not list {path}"


def main() -> int:
    found = [line for page in pages() for line in broken(page)] + list(unlisted())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
