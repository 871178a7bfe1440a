"""Drivers: one chip a file, handed its bus; they know neither `machine` nor the wire.

A bus is anything with the methods of machine.I2C: `readfrom_mem_into(address, register, buf)`,
`writeto_mem(address, register, buf)`. A chip that does not answer raises OSError.
"""
