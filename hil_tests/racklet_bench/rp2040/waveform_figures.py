"""Print what the waveform recorder takes from the emulated chip's CPU.

`python -m racklet_bench.rp2040.waveform_figures [--json]`. Emulated at 125 MHz with the model of
the flash cache. The samples themselves are moved by DMA, without an instruction.
"""

from collections.abc import Iterator

from ..figures import COMPUTED, EMULATED, Figure, show
from . import engine
from .bench import EmulatedRack

MS = 1_000_000
_SAMPLES = 12_000  # a second
_HZ = 125_000_000
# Cycles of a transfer in which the CPU may have to wait, for the bridge to the peripherals or for
# the bank of RAM. The emulator does not model that, so it is the worst case.
_WAITS = 5

# The mean of many calls, in us, with what the loop itself takes taken away.
_PROGRAM = """
from time import ticks_diff, ticks_us
import recorder
from racklet_bmc import app
service = app.bmc.recorder
def mean(call, count):
    begin = ticks_us()
    for _ in range(count):
        pass
    empty = ticks_diff(ticks_us(), begin)
    begin = ticks_us()
    for _ in range(count):
        call()
    return (ticks_diff(ticks_us(), begin) - empty) / count
data = bytearray(1440)
print(mean(service.step, 20))
print(mean(lambda: recorder.copy(data, 500, 320), 10))
print(mean(lambda: recorder.newest(1), 100))
print(mean(service.on_edge, 50))
"""


def rows() -> Iterator[Figure]:
    rack = EmulatedRack()
    rack.plant.slots[1].insert()
    rack.run_until(5_000 * MS)
    step, copy, newest, edge = (float(line) for line in rack.repl(1).enter().run(_PROGRAM).split())
    share = 100 * _SAMPLES * _WAITS / _HZ
    how = f"DMA, no instruction; at worst the CPU waits {_WAITS} cycles a sample for the bus"
    yield Figure("waveform recorder: 12,000 samples a second", share, "% of CPU", COMPUTED, how)
    how = "one look of the service a second, samples found in step"
    yield Figure("waveform recorder: CPU while armed", step, "us each s", EMULATED, how)
    how = "320 frames of three inputs out of the ring, packed"
    yield Figure("waveform recorder: keeping a capture", copy, "us", EMULATED, how)
    how = "in the interrupt of a fault pin"
    yield Figure("waveform recorder: noting an edge", edge, "us", EMULATED, how)
    yield Figure("a voltage out of the ring", newest, "us", EMULATED, "mean of 100")


if __name__ == "__main__":
    engine.require_cache_model()
    show(rows())
