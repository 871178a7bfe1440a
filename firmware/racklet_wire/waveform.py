"""The waveform recorder as the bus names it, and how its samples are packed.

The recorder samples its channels one after the other, in the order of CHANNELS, without end;
one sample of each is a frame. Around a trigger it keeps a capture: so many frames before, and
the rest from the trigger on. In a frame of `frame_us` the channels lie a third of it apart.
"""

# A full scale of WAVEFORM_STATUS is what 4,095 counts mean, in the unit of the name.
CHANNELS = ("vout_mv", "vin_mv", "efuse_ma")
FULL_COUNTS = 4095

# States
ARMED = 0  # nothing is kept; waits for a trigger
TRIGGERED = 1  # the frames after the trigger are still being sampled
KEPT = 2  # there is a capture to read

STATE_TEXT = ("armed", "triggered", "kept")

# Causes. The capture of a fault stays until a reader arms anew, so that the first one of a row
# is not lost; any other gives way to the next trigger.
NONE = 0
FAULT = 1
POWER_ON = 2
COMMAND = 3

CAUSE_TEXT = ("none", "fault", "power on", "command")

# Commands of WAVEFORM_SELECT
SELECT = 0  # show the frames from `first` on
TRIGGER = 1  # record now; refused while the capture of a fault is kept
ARM = 2  # drop the capture `number`, and no other

WINDOW = 6  # frames in a window
WINDOW_BYTES = WINDOW * len(CHANNELS) * 3 // 2


def pack(samples: "list[int]") -> bytes:
    """Samples of 12 bits, two in three bytes, the lowest bits first. Their count must be even."""
    data = bytearray(len(samples) * 3 // 2)
    at = 0
    for i in range(0, len(samples), 2):
        pair = samples[i] | samples[i + 1] << 12
        data[at] = pair & 0xFF
        data[at + 1] = pair >> 8 & 0xFF
        data[at + 2] = pair >> 16
        at += 3
    return bytes(data)


def unpack(data: "bytes | bytearray | memoryview") -> "list[int]":
    """The samples of packed bytes. ValueError when they are not whole pairs."""
    if len(data) % 3:
        raise ValueError(f"{len(data)} bytes are no whole pairs of samples")
    samples = []
    for i in range(0, len(data), 3):
        pair = data[i] | data[i + 1] << 8 | data[i + 2] << 16
        samples.append(pair & 0xFFF)
        samples.append(pair >> 12)
    return samples
