"""Which version is taken when the pinned one has left the archive."""

import shutil

import pytest
from racklet_uf2.packages import newest

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="compares as Debian does")


def test_the_newest_from_the_fallback_on_is_taken() -> None:
    offered = ["1.25.0+ds-1", "1.26.1+ds-1", "1.9.4-1", "1.28.0+ds-2"]
    assert newest(offered, "1.26", "2") == "1.28.0+ds-2"


def test_what_is_too_old_or_too_new_is_not() -> None:
    assert newest(["2.28.3-1", "4.0.0-1"], "3.6", "4") is None
    assert newest([], "1.26", "2") is None
