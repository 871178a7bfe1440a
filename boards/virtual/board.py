"""The virtual board: the circuit of bmc_rp2040_r1, simulated.

The same nets, parts and flash map, so that the plant and the firmware meet on one table.
`bmc_rp2040_r1` is found because `boards/` is on the path of this board.
"""

from bmc_rp2040_r1.board import ADC, BUSES, DEVICES, FLASH, LIMITS, PINS  # noqa: F401

NAME = "virtual"
