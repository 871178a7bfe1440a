"""The ADC inputs in the units of the board table, out of the ring of the board's recorder.

The converter samples in turn and without end; a single conversion in between would put the
turns out of order. So `machine.ADC` is not for use beside this.
"""

import recorder
from board import ADC as CHANNELS

_COUNTS = 4095  # 12 bits


class Adc:
    """Starts the sampling. Only what the recorder samples can be read."""

    def __init__(self) -> None:
        scales = {facts["net"]: facts["full_scale"] for facts in CHANNELS.values()}
        self.scales = tuple([scales[net] for net in recorder.NETS])
        errors = {facts["net"]: facts["error"] for facts in CHANNELS.values()}
        self.errors = tuple([errors[net] for net in recorder.NETS])
        recorder.start()

    def millivolts(self, net: str) -> int:
        """At most two frames old."""
        channel = recorder.NETS.index(net)
        return self._scaled(channel, recorder.newest(channel))

    def millivolts_now(self, net: str) -> int:
        """Sampled after the call, which waits for that: a frame or two."""
        channel = recorder.NETS.index(net)
        return self._scaled(channel, recorder.fresh(channel))

    def _scaled(self, channel: int, counts: int) -> int:
        return (counts * self.scales[channel] + _COUNTS // 2) // _COUNTS
