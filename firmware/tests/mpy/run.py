"""Run one firmware test file on real MicroPython: `micropython run.py FILE`."""

import sys

_here = __file__.rsplit("/", 1)[0]
_file = sys.argv[1]
_folder, _name = _file.rsplit("/", 1)
sys.path[:] = [_here, _here + "/../..", _folder, _here + "/..", ".frozen"]

import unittest  # noqa: E402 - the one in this folder

unittest.main(__import__(_name[:-3]))
