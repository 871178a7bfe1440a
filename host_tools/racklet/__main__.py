"""`python -m racklet` is the racklet command."""

import sys

from racklet.cli import main

sys.exit(main())
