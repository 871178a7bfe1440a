"""The wiring of the enable latch, read from the netlist: what holds with the BMC in reset.

At reset every RP2040 pin is an input with a pull-down of 50 to 80 k (RP2040 data sheet, 2.19.4).
"""

import pytest
from racklet_pcb.netlist import Netlist, of_json, ohms
from racklet_pcb.truth import PCB

N: Netlist = of_json(PCB / "bmc_rp2040_r1" / "netlist.json")
CLEAR = "LATCH_CLR_N"


def resistor(a: str, b: str) -> float:
    refs = [r for r in N.between(a, b) if r.startswith("R")]
    assert len(refs) == 1, f"{a} to {b}: {refs}"
    return ohms(N.values[refs[0]])


def test_the_latch_sets_by_an_edge_only_and_never_through_preset() -> None:
    assert N.parts["U7"] == "74LVC1G74"
    assert N.pins["U7", "1"] == "LATCH_SET"  # CLK
    assert N.pins["U7", "2"] == "+3V3"  # D
    assert N.pins["U7", "7"] == "+3V3"  # PRE#: with PRE# = CLR# = L a '74 gives Q = H
    assert N.pins["U7", "6"] == CLEAR
    assert N.pins["U7", "5"] == "LATCH_Q"


@pytest.mark.parametrize("net", ["LATCH_SET", "LATCH_CLR", "DISCHG", "SMBALERT_DRV", "SHDN_REQ"])
def test_commands_are_inert_while_the_controller_is_in_reset(net: str) -> None:
    assert resistor(net, "GND") <= 100_000


@pytest.mark.parametrize(("fet", "gate"), [("Q501", "PRES_N"), ("Q502", "LATCH_CLR")])
def test_presence_open_and_the_controller_each_clear(fet: str, gate: str) -> None:
    assert (N.pins[fet, "1"], N.pins[fet, "3"], N.pins[fet, "2"]) == (gate, CLEAR, "GND")


def test_presence_reads_open_when_nothing_is_plugged() -> None:
    assert resistor("+3V3", "PRES_N") == 10_000
    assert N.pins["J1", "B31"] == "GND"
    assert resistor("SLOT_PRES", "PRES_N") <= 1_000


def test_a_fault_clears_through_the_arming_gate_without_the_controller() -> None:
    assert (N.pins["D501", "1"], N.pins["D501", "3"]) == (CLEAR, "FLT_GATED")
    assert N.pins["U13", "4"] == "FLT_GATED"
    assert N.pins["U13", "1"] == "EF_FLT_N"  # In1: taken once In2, the delayed Q#, is low
    assert N.pins["U13", "3"] == "+3V3"  # In0: no fault while off
    assert N.pins["U13", "6"] == "FLT_ARM"
    tau_ms = resistor("LATCH_Q_N", "FLT_ARM") * 100e-9 * 1e3
    assert 5 <= tau_ms <= 20


def test_a_fault_is_filtered_before_latch_and_controller_alike() -> None:
    assert N.pins["U3", "15"] == "EF_FLT_RAW_N"
    assert {r for r, _ in N.on("EF_FLT_RAW_N")} == {"U3", "R215"}
    assert set(N.across("R215")) == {"EF_FLT_RAW_N", "EF_FLT_N"}
    assert N.pins["U1", "13"] == "EF_FLT_N"  # GPIO10
    assert set(N.across("C205")) == {"EF_FLT_N", "GND"}


def test_the_controller_reset_line_is_not_the_latch_clear_line() -> None:
    assert N.pins["U6", "1"] == CLEAR
    assert N.pins["U1", "26"] == "RUN"
    assert "RUN" not in {net for (ref, _), net in N.pins.items() if ref in ("U6", "U7", "Q501")}


def test_the_efuse_is_off_until_the_latch_drives() -> None:
    assert resistor("EF_SHDN_N", "GND") == 10_000
    assert resistor("LATCH_Q", "EF_SHDN_N") == 1_000


def test_discharge_needs_the_latch_cleared() -> None:
    assert {N.pins["U14", "1"], N.pins["U14", "2"]} == {"DISCHG", "LATCH_Q_N"}
    assert N.pins["Q301", "1"] == N.pins["U14", "4"] == "DISCHG_GATE"


def test_latch_and_fault_nets_stay_off_gpio15_which_an_erratum_borrows() -> None:
    assert N.pins["U1", "18"] == "LED_STATUS"  # RP2040 data sheet, erratum E5
