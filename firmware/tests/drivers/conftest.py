"""Lets the tests import fake_i2c.py beside them, as MicroPython's runner does."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
