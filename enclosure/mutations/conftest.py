"""One good rack for all mutations; each test breaks one thing and wants its check to say so."""

import pytest
from racklet_enclosure.assembly import Assembly
from racklet_enclosure.layout import Layout


@pytest.fixture(scope="session")
def rack() -> Assembly:
    return Assembly(Layout())
