"""What is frozen into the UF2: the chip, the bus, the log, and which image may run.

The application, `racklet_bmc`, is built on these and can be replaced over the bus; this package
changes only with the UF2.
"""

# (major, minor, patch) of the base: what IDENTIFY shows while no application runs.
VERSION = (0, 1, 0)
