"""Services: what a BMC does. Plain classes, handed drivers, pins, a clock and flash regions.

They know neither `machine` nor the wire; of racklet_wire they import constants and cbor only.
A clock has `ms()`, `us()` (integers that never wrap) and `async sleep_ms(n)`.
"""
