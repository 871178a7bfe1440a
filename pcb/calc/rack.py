"""Backplane: busbar copper, contacts, fuses, bus capacitance, USB-PD budget."""

from .figures import Figure, Values, load

RHO = 1.72e-8 * 1.2  # ohm m, copper at 70 C
THICKNESS = 70e-6  # 2 oz
SLOT_W, EFFICIENCY = 25.0, 0.87  # calc.buck
PITCH = 40e-3
BUSBAR_WIDTH = 15e-3  # between two slots
HOLE = 7e-3  # copper-free place of a screw in the bar, one in two of the five segments
FINGER_A = 1.1
CONTACT_OHM = 30e-3

CARD_PF = 3 + 3 + 10  # clamp, contact, TCA4307: what an insertion adds before it joins
PRECHARGE = 1.0  # V, TCA4307
HIGH, LOW = 0.7 * 3.3, 0.8  # V, SMBus 3.1 input levels at 3.3 V

# Bus: pF at each place.
SLOT_PF = 10 + 3 + 3 + 5  # TCA4307, clamp, contact, stub (unverified: TCA4307)
TRACE_PF, RMC_PF, PD_PF = 30, 25, 10
RMC_PULLUP = 1800.0
RISE_MAX = 300e-9  # s, SMBus 3.1 and I2C fast mode
SINK_A = 3e-3


def ipc_width_mm(current: float, rise: float, thickness_um: float) -> float:
    """IPC-2221 outer layer: width for a current and a temperature rise."""
    area = (current / (0.048 * rise**0.44)) ** (1 / 0.725)  # square mils
    return area / (thickness_um / 25.4) * 0.0254


def parallel(*ohms: float) -> float:
    return 1 / sum(1 / r for r in ohms)


def drop_to_last_slot(current: float) -> float:
    """Supply and return, five slots at equal current, feed at one end."""
    segment = RHO * PITCH / (BUSBAR_WIDTH * THICKNESS)
    narrow = RHO * HOLE / ((BUSBAR_WIDTH - HOLE) * THICKNESS) - segment * HOLE / PITCH
    bar = segment * current * sum(range(1, 6)) + narrow * current * (2 + 4)
    return bar + segment * current * sum(range(1, 6))


def figures() -> list[Figure]:
    v = Values(load("backplane_r1"))
    slot_12, slot_20 = (SLOT_W / EFFICIENCY / volts for volts in (12.0, 20.0))
    capacitance = (5 * SLOT_PF + TRACE_PF + RMC_PF + PD_PF) * 1e-12
    pull = parallel(v.r("R6"), RMC_PULLUP)
    rise = 0.8473 * pull * capacitance
    share = CARD_PF / (CARD_PF + TRACE_PF + RMC_PF + PD_PF)
    contacts = sum(1 for (ref, _), net in v.n.pins.items() if ref == "J1" and net == "SLOT1_V")
    gate = 20.0 * v.r("R3") / (v.r("R3") + v.r("R4"))
    return [
        Figure("slot current at 12 V", slot_12, "max", contacts * FINGER_A, "A", 0.7,
               "12 fingers of 1.1 A, PCI Express CEM"),
        Figure("slot current at 12 V under the slot fuse", slot_12, "max", 5.0, "A", 0.4, "F1-F5"),
        Figure("eFuse limit under the slot fuse: selectivity", 18 / 5.49 * 1.08, "max", 5.0, "A",
               0.25, "the eFuse trips first; I2t unverified"),
        Figure("rack current at 12 V under the main fuse", 5 * slot_12, "max", 15.0, "A", 0.2,
               "15 A blade"),
        Figure("rack current at 20 V under the main fuse", 5 * slot_20, "max", 10.0, "A", 0.25,
               "10 A blade"),
        Figure("contact loss of one slot at 12 V",
               slot_12**2 * CONTACT_OHM / contacts * 2, "max", 0.1, "W", 0.5, "30 mOhm a finger"),
        Figure("drop to the last slot at 12 V", drop_to_last_slot(slot_12) * 1e3, "max", 120.0,
               "mV", 0.2, "1 % of 12 V"),
        Figure("busbar width for 12 A, 10 K, 2 oz", ipc_width_mm(12, 10, 70), "max",
               BUSBAR_WIDTH * 1e3, "mm", 0.5, "IPC-2221"),
        Figure("bus capacitance", capacitance * 1e12, "max", 400.0, "pF", 0.4, "SMBus 3.1"),
        Figure("bus rise time with the RMC's 1.8 k", rise * 1e9, "max", RISE_MAX * 1e9, "ns", 0.2,
               "SMBus 3.1, 400 kHz"),
        Figure("bus sink current", (3.3 - 0.4) / pull * 1e3, "max", SINK_A * 1e3, "mA", 0.1,
               "3 mA at 0.4 V"),
        Figure("level of a high line when a card is inserted into an empty rack",
               3.3 - (3.3 - PRECHARGE) * share, "min", HIGH, "V", 0.1,
               "charge of clamp, contact and chip, precharged to 1 V (TCA4307)"),
        Figure("level of a low line when a card is inserted", PRECHARGE * share, "max", LOW, "V",
               0.5, "SMBus 3.1"),
        Figure("gate of the USB-PD switch at 20 V", gate, "max", 25.0, "V", 0.2, "AO4407A"),
        Figure("five idle units and the RMC under 100 W of USB-PD", 5 * 3.5 / 0.8 + 8, "max", 100.0,
               "W", 0.5, "Pi 4 idle 2.7 W; the RMC keeps the budget"),
    ]  # fmt: skip
