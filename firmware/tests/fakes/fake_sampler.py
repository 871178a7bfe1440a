"""A board's sampler whose every sample tells its frame (modulo 1,365) and its channel."""

from racklet_wire.waveform import pack


class FakeSampler:
    """`newest_frame` is what position() counts modulo the ring; frame 0 was at time 0."""

    FRAMES = 512
    FRAME_US = 250

    def __init__(self, clock):
        self._clock = clock
        self.disturbed = False  # once: sampling had to begin anew

    @property
    def newest_frame(self):
        return self._clock.us() // self.FRAME_US

    def position(self):
        return self.newest_frame % self.FRAMES

    def in_step(self):
        self.disturbed, was = False, self.disturbed
        return not was

    def copy(self, into, first, count):
        now = self.newest_frame
        begin = now - (now - first) % self.FRAMES
        samples = []
        for frame in range(begin, begin + count):
            samples += [self.sample(frame, channel) for channel in range(3)]
        data = pack(samples)
        into[: len(data)] = data

    @staticmethod
    def sample(frame, channel):
        return frame % 1365 * 3 + channel
