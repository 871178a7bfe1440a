"""How a BMC started, as the bus names it (block BOOT_STATUS)."""

# Modes
STARTING = 0  # the image is being verified; writes are not taken yet (BUSY)
APPLICATION = 1  # a verified image runs
RECOVERY = 2  # no slot holds a good image: identity, log and image transfer are served
DEVELOPER = 3  # an application from files runs; nothing was verified

MODE_TEXT = ("starting", "application", "recovery", "developer")

NO_SLOT = 0xFF
