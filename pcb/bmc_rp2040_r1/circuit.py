"""The circuit of the BMC board, sheet by sheet."""

from racklet_pcb import parts
from racklet_pcb.circuit import Circuit

from . import control, interfaces, power


def build() -> Circuit:
    """The whole circuit. Raises CircuitError or PartsError when it contradicts itself."""
    c = Circuit("bmc_rp2040_r1", "Racklet BMC board", "r1", parts.load())
    # Driven through a connector, a FET or a resistor: ERC cannot see that.
    c.driven = ["BUSBAR", "EF_IN", "GND", "+3V3", "+5V", "STBY_IN", "PI_3V3", "ADC_AVDD"]
    interfaces.slot(c)
    power.busbar_input(c)
    power.regulator(c)
    power.standby(c)
    control.latch(c)
    control.controller(c)
    interfaces.compute_unit(c)
    interfaces.sensors(c)
    interfaces.analogue(c)
    return c
