"""The sampler of the virtual board: a ring of samples that the plant draws when they are read.

On the RP2040 the ADC fills it through DMA, the CPU asleep. Here the frames are counted by the
clock, and the plant knows what was at the converter's inputs during the last half second.
"""

from link import link
from racklet_wire.waveform import pack

FRAMES = 512
FRAME_US = 250

# Nets in the order in which they are sampled: channels 0, 1 and 2 of the converter.
NETS = ("ADC_V5", "ADC_VIN", "ADC_IMON")


_newest = (-1, ())  # the frame of the latest samples, and they


def start() -> None:
    """Sample from now on."""


def in_step() -> bool:
    """Whether the samples are where they belong; if not, sampling began anew."""
    return True


def position() -> int:
    """The frame of the ring that is being sampled."""
    return link.now_us() // FRAME_US % FRAMES


def newest(channel: int) -> int:
    """The latest sample of a channel, 12 bits: all channels have one a frame."""
    global _newest  # noqa: PLW0603
    frame = link.now_us() // FRAME_US
    if _newest[0] != frame:
        _newest = (frame, link.call("adc", *range(len(NETS))))
    return _newest[1][channel]


def fresh(channel: int) -> int:
    """A sample that is taken after the call."""
    return link.call("adc", channel)[0]


def copy(into: bytearray, first: int, count: int) -> None:
    """Pack `count` frames from frame `first` of the ring on; see racklet_wire.waveform."""
    now = link.now_us() // FRAME_US
    begin = now - (now - first) % FRAMES
    samples = link.call("adc_samples", begin * FRAME_US, FRAME_US, count)
    into[: count * len(NETS) * 3 // 2] = pack(samples)
