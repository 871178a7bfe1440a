"""The constants by code say what the command table says."""

from racklet_wire import tables
from racklet_wire.commands import COMMANDS, PROTECTION, lookup


def test_every_row_is_found_by_its_code() -> None:
    for row in COMMANDS:
        code, _, _, access, _, size, protection = row
        assert lookup(code) is row
        assert tables.SIZE[code] == size
        assert bool(tables.ACCESS[code] & tables.READ) == ("r" in access)
        assert bool(tables.ACCESS[code] & tables.WRITE) == ("w" in access)
        permit, needs_pec = PROTECTION[protection]
        assert tables.PERMIT[code] == permit
        assert bool(tables.ACCESS[code] & tables.NEEDS_PEC) == needs_pec


def test_no_other_code_has_a_row() -> None:
    codes = {row[0] for row in COMMANDS}
    assert all((lookup(code) is None) == (code not in codes) for code in range(256))
    assert {code for code in range(256) if tables.KIND[tables.ROW[code]]} == codes
