"""Sending images: numbered chunks, a BMC that pauses or starts over, and its verdict."""

from typing import Any

import pytest
from racklet.bmc import Bmc
from racklet.errors import Busy, RackletError, Refused
from racklet_wire import blocks, image

ENVELOPE, PAYLOAD = b"E" * 100, bytes(range(256)) * 4


class Receiver:
    """The image service of a fake BMC: takes the chunk it expects and ignores others."""

    def __init__(self, bmc, verdict=image.VERIFIED, reason=image.R_NONE):
        self.bmc = bmc
        self.data = b""
        self.verdict = (verdict, reason)
        self.deaf = 0  # so many chunks to come are ignored
        bmc.on_write = self.write
        self.status = dict.fromkeys(blocks.fields("IMAGE_STATUS"), 0)
        bmc.blocks["IMAGE_STATUS"] = self.status

    def write(self, name, data):
        fields: dict[str, Any] = dict(blocks.unpack(name, data))
        status = self.status
        if name == "IMAGE_BEGIN":
            assert fields["generation"] == 7
            assert (fields["envelope_size"], fields["size"]) == (100, 1124)
            status |= {
                "transfer_id": fields["transfer_id"],
                "size": fields["size"],
                "state": image.RECEIVING,
            }
        elif name == "IMAGE_CHUNK":
            if self.deaf:
                self.deaf -= 1
            elif fields["number"] == len(self.data) // image.CHUNK:
                self.data = (self.data + fields["data"])[: status["size"]]
                status["received"] = len(self.data)
        elif fields["command"] == image.COMMAND_FINISH:
            assert fields["transfer_id"] == status["transfer_id"]
            status["state"], status["reason"] = self.verdict


@pytest.fixture
def receiver(bus):
    return Receiver(bus.insert(1))


def send(bus, clock, **more):
    return Bmc(bus, 1, clock).send_image(image.FIRMWARE, ENVELOPE, PAYLOAD, **more)


def test_everything_arrives_and_is_accepted(bus, clock, receiver):
    progress = []
    result = send(bus, clock, on_progress=lambda done, size: progress.append((done, size)))
    assert receiver.data == ENVELOPE + PAYLOAD
    assert (result.is_accepted, result.state) == (True, "verified")
    assert progress[-1] == (1124, 1124)


def test_a_bmc_that_is_deaf_for_a_while_gets_the_same_chunks_again(bus, clock, receiver):
    receiver.deaf = 40
    assert send(bus, clock).is_accepted
    assert receiver.data == ENVELOPE + PAYLOAD


def test_silence_during_an_erase_is_waited_for(bus, clock, receiver):
    write = receiver.write

    def erase(name, data):
        write(name, data)
        if name == "IMAGE_CHUNK" and len(receiver.data) == 300:
            bus.silent[1] = 30

    receiver.bmc.on_write = erase
    assert send(bus, clock).is_accepted


def test_what_waits_in_the_bmc_is_not_sent_again(bus, clock, receiver):
    sent = []
    write = receiver.write

    def take_later(name, data):
        if name != "IMAGE_CHUNK":
            write(name, data)
            return
        sent.append(data[:2])
        clock.after(0.004, lambda: write(name, data))

    receiver.bmc.on_write = take_later
    assert send(bus, clock).is_accepted
    assert receiver.data == ENVELOPE + PAYLOAD
    assert len(sent) == len(set(sent))


def test_the_head_is_not_sent_again_while_it_is_judged(bus, clock, receiver):
    sent = []
    write = receiver.write

    def judge_first(name, data):
        if name == "IMAGE_CHUNK":
            sent.append(data[:2])
        if name == "IMAGE_CHUNK" and len(receiver.data) < 100:
            clock.after(0.3, lambda: write(name, data))
        else:
            write(name, data)

    receiver.bmc.on_write = judge_first
    assert send(bus, clock).is_accepted
    assert len(sent) == len(set(sent))


def test_a_begin_that_a_starting_bmc_did_not_take_is_asked_again(bus, clock, receiver):
    write = receiver.write
    lost: list[str] = []

    def lose_the_first(name, data):
        if name == "IMAGE_BEGIN" and not lost:
            lost.append(name)
        else:
            write(name, data)

    receiver.bmc.on_write = lose_the_first
    assert send(bus, clock).is_accepted
    assert lost


def test_a_refusal_carries_the_reason(bus, clock, receiver):
    receiver.verdict = (image.REFUSED, image.R_ROLLBACK)
    result = send(bus, clock)
    assert (result.is_accepted, result.reason) == (False, "sequence too old (rollback)")


def test_a_bmc_that_takes_nothing_more(bus, clock, receiver):
    receiver.deaf = 1_000_000
    with pytest.raises(RackletError, match="took 0 of 1124 bytes and no more"):
        send(bus, clock)


def test_a_locked_bmc_says_so(bus, clock, receiver):
    receiver.bmc.on_write = lambda name, data: None
    receiver.bmc.registers["WRITE_PROTECT"] = b"\x80"
    with pytest.raises(Refused, match="takes no images") as caught:
        send(bus, clock)
    assert caught.value.hint == "its WRITE_PROTECT is set; write 0 to it first"


def test_a_bmc_that_does_not_begin(bus, clock, receiver):
    receiver.bmc.on_write = lambda name, data: receiver.status.update(reason=image.R_BUSY)
    with pytest.raises(Busy, match="did not begin the transfer: busy"):
        send(bus, clock)


def test_another_transfer_takes_over(bus, clock, receiver):
    receiver.deaf = 1_000_000
    clock.after(0.1, lambda: receiver.status.update(transfer_id=1))
    with pytest.raises(Busy, match="took over"):
        send(bus, clock)


def test_a_verification_that_never_ends(bus, clock, receiver):
    receiver.verdict = (image.VERIFYING, image.R_NONE)
    with pytest.raises(RackletError, match="did not finish"):
        send(bus, clock)
