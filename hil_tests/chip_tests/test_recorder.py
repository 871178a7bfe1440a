"""The ring of samples on the chip: in its place, in its time, harmless at a soft reset."""

from collections.abc import Sequence

import pytest
from racklet_bench.rp2040 import built_image
from racklet_bench.rp2040.chip import Chip
from racklet_bench.rp2040.repl import Repl

MS = 1_000_000
FRAME_NS = 250_000


class Source:
    """Inputs whose every sample tells its channel and its frame."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int]] = []

    def samples(self, takes: Sequence[tuple[int, int]]) -> list[int]:
        self.taken += takes
        return [self.value(ns, channel) for ns, channel in takes]

    @staticmethod
    def value(ns: int, channel: int) -> int:
        return (channel + 1) * 1000 + ns // FRAME_NS % 1000


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def chip(source: Source) -> Chip:
    chip = Chip(built_image(), unique_id=b"RACKLET1", seed=1)
    chip.mcu.adc.on_samples = source.samples
    return chip


@pytest.fixture
def repl(chip: Chip) -> Repl:
    repl = Repl(chip, chip.usb).enter()
    repl.run("import recorder\nrecorder.start()")
    return repl


def test_each_input_is_sampled_4000_times_a_second_in_turn(
    chip: Chip, repl: Repl, source: Source
) -> None:
    source.taken.clear()
    chip.run_for(100 * MS)
    repl.run("recorder.position()")
    channels = [channel for _, channel in source.taken]
    assert len(channels) > 1_150
    assert channels == [(channels[0] + k) % 3 for k in range(len(channels))]
    times = [ns for ns, _ in source.taken]
    assert {b - a for a, b in zip(times, times[1:], strict=False)} <= {83_333, 83_334}


def check_places(repl: Repl) -> int:
    """Check that each sample is of the input that its place tells; how many there are."""
    printed = repl.run(
        "recorder.position()\n"
        "print(*[recorder._ring[2 * k] | recorder._ring[2 * k + 1] << 8 for k in range(1536)])"
    )
    ring = [int(word) for word in printed.split()]
    filled = [(k, value) for k, value in enumerate(ring) if value]
    assert [value // 1000 - 1 for _, value in filled] == [k % 3 for k, _ in filled]
    return len(filled)


def test_every_sample_lies_in_its_place_lap_after_lap(chip: Chip, repl: Repl) -> None:
    for _ in range(4):
        chip.run_for(77 * MS)
        found = check_places(repl)
    assert found == 1536


def test_every_sample_lies_in_its_place_after_a_reset_amid_a_lap(chip: Chip, repl: Repl) -> None:
    chip.run_for(50 * MS)
    repl.run("recorder.position()")  # the emulator carries samples when somebody looks
    chip.reset()
    again = Repl(chip, chip.usb).enter()
    again.run("import recorder\nrecorder.start()")
    for _ in range(3):
        chip.run_for(77 * MS)
        found = check_places(again)
    assert found == 1536


def test_a_reading_is_at_most_a_frame_old_and_a_fresh_one_is_new(chip: Chip, repl: Repl) -> None:
    chip.run_for(50 * MS)
    for read in ("newest", "fresh"):
        for channel in range(3):
            begin = chip.now_ns // FRAME_NS
            got = int(repl.run(f"print(recorder.{read}({channel}))"))
            end = chip.now_ns // FRAME_NS
            assert got // 1000 == channel + 1
            assert (got - (begin - 1)) % 1000 <= end - begin + 1


def test_a_copy_is_the_ring_packed(chip: Chip, repl: Repl) -> None:
    chip.run_for(200 * MS)
    printed = repl.run(
        "b = bytearray(1440)\nat = (recorder.position() - 330) % 512\n"
        "recorder.copy(b, at, 320)\nprint(b.hex())"
    )
    data = bytes.fromhex(printed.strip())
    samples = []
    for i in range(0, len(data), 3):
        pair = int.from_bytes(data[i : i + 3], "little")
        samples += [pair & 0xFFF, pair >> 12]
    assert [sample // 1000 for sample in samples] == [1, 2, 3] * 320
    frames = [sample % 1000 for sample in samples[::3]]
    assert frames == [(frames[0] + k) % 1000 for k in range(320)]


def test_who_uses_the_converter_beside_it_is_found_out(chip: Chip, repl: Repl) -> None:
    chip.mcu.adc.channel_values[:] = [5, 5, 5, 5, 5]
    assert repl.run("print([recorder.in_step() for _ in range(50)].count(True))") == "50\n"
    found = repl.run(
        "from machine import ADC\n"
        "for _ in range(4):\n"
        "    ADC(0).read_u16()\n"  # one sample too many; of four, one at least shifts the turns
        "    print(recorder.in_step(), recorder.in_step())"
    )
    assert "False True" in found
    chip.run_for(5 * MS)
    assert repl.run("print(recorder.newest(1) // 1000)") == "2\n"


def test_a_soft_reset_stops_it_before_the_heap_is_made_anew(chip: Chip, repl: Repl) -> None:
    """Then the application starts it again, and its ring is another one."""
    adc, written = chip.mcu.adc, []
    write = adc.write_uint32

    def seen(offset: int, value: int) -> None:
        if offset == 0:
            written.append((chip.now_ns, value))
        write(offset, value)

    adc.write_uint32 = seen
    repl.leave()
    repl._usb.write(b"\x04")  # a soft reset
    assert repl._expect(b"soft reboot", 1_000 * MS)
    said_ns = chip.now_ns
    chip.run_for(2_000 * MS)
    stopped_ns, first = written[0]
    assert (first, stopped_ns - said_ns < 5 * MS) == (0, True), "the converter ran on"
    assert written[-1][1] & 8, "the application did not start it again"
