"""The language of the bus, one source for both ends. Imports `struct` only.

commands     the command table: code, transaction, access, format, size, protection
unsupported  why the other codes are not in it
blocks       layouts of the manufacturer blocks
values       numbers of the standard commands, value <-> bytes
linear, ein  the number formats of PMBus
pec          the packet error code
status, power, events, image  the words of registers, power, event log and image transfer
address, version  where a BMC answers, and what it speaks
"""
