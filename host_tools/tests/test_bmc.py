"""What the clients read, and how they bear silence and noise on the bus."""

import pytest
from racklet.bmc import Bmc
from racklet.errors import Absent, BusError, ProtocolMismatch
from racklet.rack import Rack


@pytest.fixture
def bmc(bus):
    return bus.insert(1)


def test_identify(bus, bmc, clock):
    identity = Bmc(bus, 1, clock).identify()
    assert (identity.board, identity.version) == ("virtual", "0.1.0")
    assert (identity.serial, identity.build) == ("e6613852831f2a2b", "12345678")
    assert not identity.is_developer


@pytest.mark.parametrize(("low", "high"), [(2, 3), (0, 0)])
def test_a_bmc_that_speaks_no_version_of_ours(bus, bmc, clock, low, high):
    bmc.blocks["IDENTIFY"] |= {"protocol_min": low, "protocol_current": high}
    with pytest.raises(ProtocolMismatch, match="speaks protocol .*, these host tools 1"):
        Bmc(bus, 1, clock).identify()


def test_a_sensor_that_does_not_answer_is_unknown(bus, bmc, clock):
    telemetry = Bmc(bus, 1, clock).telemetry()
    assert telemetry.temperature_mc is None
    assert (telemetry.vout_mv, telemetry.iout_ma) == (5103, 600)


def test_a_bmc_that_erases_flash_is_waited_for(bus, bmc, clock):
    bus.silent[1] = 4
    assert Bmc(bus, 1, clock).energy().out_uj == 3_600_000_000


def test_an_empty_slot_is_absent_within_a_quarter_of_a_second(bus, clock):
    with pytest.raises(Absent, match="slot 2 does not answer on virtual:/fake"):
        Bmc(bus, 2, clock).telemetry()
    assert clock.now_s < 0.25


def test_a_garbled_reply_is_read_again_but_not_for_ever(bus, bmc, clock):
    bmc.garble = 2
    assert Bmc(bus, 1, clock).energy().epoch == 1
    bmc.garble = 1000
    with pytest.raises(BusError, match="PEC"):
        Bmc(bus, 1, clock).energy()


def test_empty_slots_are_found_together(bus, bmc, clock):
    bus.insert(4)
    bus.silent[4] = 3
    assert Rack(bus, clock=clock).present() == [1, 4]
    assert clock.now_s < 0.25
