"""A whole BMC behind its registers, for tests that speak to it as a controller does."""

import unittest

from tests.handlers.bmc import Bmc


class Case(unittest.TestCase):
    def setUp(self):
        self.bmc = Bmc()
        self.bench = self.bmc.bench

    def settle(self, ms=5_000):
        self.bench.run(ms)
        self.bmc.dispatcher.refresh()
