"""The sampler of the RP2040: the ADC in turn over three inputs, through DMA into a ring.

No CPU, no interrupt: 12,000 samples a second, each input every 250 us. One DMA channel fills the
ring; at its end it chains to a second one, which writes the start of the ring into the address
register of the first and so triggers it again. A lap holds whole frames, so the place of a
sample tells its input for ever. RP2040 data sheet, sections 4.9 (ADC) and 2.5 (DMA).

The ring lies in Python's heap, which a soft reset makes anew. So the board definition stops the
ADC first of all (MICROPY_BOARD_START_SOFT_RESET), and without samples the DMA stands still.

A single conversion of `machine.ADC` would put the turns out of order. `in_step` finds that.
"""

from array import array
from time import sleep_us

import micropython
import uctypes
from _rp2 import DMA  # rp2.py wraps it, and brings 1.4 KB of names for PIO programs
from machine import mem32
from micropython import const

FRAMES = 512
FRAME_US = 250

# Nets in the order in which they are sampled: channels 0, 1 and 2 of the converter, GPIO26-28.
NETS = ("ADC_V5", "ADC_VIN", "ADC_IMON")

_TURNS = const(3)
_LAP = const(512 * 3)  # samples

_CS = const(0x4004C000)
_FCS = const(0x4004C008)
_FIFO = const(0x4004C00C)
_DIV = const(0x4004C010)
_EN = const(1 << 0)
_READY = const(1 << 8)
_START_MANY = const(1 << 3)
_RROBIN = const(0b111 << 16)
_FCS_ON = const(1 << 24 | 1 << 3 | 1 << 0)  # a request to the DMA from one sample on
_PERIOD = const(48_000_000 // (4_000 * 3))  # ADC clocks between two samples

_RESETS_SET = const(0x4000E000)
_RESETS_CLEAR = const(0x4000F000)
_RESETS_DONE = const(0x4000C008)
_PADS_GPIO26 = const(0x4001C06C)
_ANALOG = const(1 << 7)  # output disabled; input buffer and pulls off

_DMA = const(0x50000000)
_DMA_STRIDE = const(0x40)
_DMA_CHANNELS = const(12)
_WRITE_ADDR = const(0x04)
_AL1_CTRL = const(0x10)
_AL2_WRITE_TRIG = const(0x2C)
_CHAN_ABORT = const(0x50000444)
_BUSY = const(1 << 24)
_DREQ_ADC = const(36)
_HALFWORD = const(1)

_LIMIT = 1000  # looks at what changes within a few cycles, or within a frame
_LOOKS = 8  # until no sample comes in between

_ring = bytearray(2 * _LAP)
_start = array("I", [uctypes.addressof(_ring)])  # what the second channel writes
_data = None  # the DMA channel that fills the ring
_again = None
_write_register = 0  # where the first one writes next
_turn = 0  # what AINSEL shows after a whole frame: the block's own habit


def start() -> None:
    """Sample from now on, whatever was before; returns when there is a first frame."""
    global _data, _again, _write_register, _turn  # noqa: PLW0603 - one converter
    if _data is None:
        _data, _again = DMA(), DMA()
        _write_register = _DMA + _DMA_STRIDE * _data.channel + _WRITE_ADDR
    mem32[_RESETS_SET] = 1
    _abort()
    mem32[_RESETS_CLEAR] = 1
    _wait(_RESETS_DONE, 1)
    for i in range(_TURNS):
        mem32[_PADS_GPIO26 + 4 * i] = _ANALOG
    mem32[_CS] = _EN
    _wait(_CS, _READY)
    mem32[_DIV] = _PERIOD - 1 << 8
    mem32[_FCS] = _FCS_ON
    _again.config(
        read=_start,
        write=_DMA + _DMA_STRIDE * _data.channel + _AL2_WRITE_TRIG,
        count=1,
        ctrl=_again.pack_ctrl(inc_read=False, inc_write=False),
    )
    _data.config(
        read=_FIFO,
        write=_ring,
        count=_LAP,
        ctrl=_data.pack_ctrl(
            size=_HALFWORD, inc_read=False, treq_sel=_DREQ_ADC, chain_to=_again.channel
        ),
        trigger=True,
    )
    mem32[_CS] = _RROBIN | _START_MANY | _EN
    sleep_us(FRAME_US)
    for _ in range(_LOOKS):
        _turn = _lead(_ring, _write_register, _CS)
        if _turn >= 0:
            break


def _abort() -> None:
    """Stop every DMA channel that takes samples: before a soft reset it may have been another."""
    for i in range(_DMA_CHANNELS):
        ctrl = mem32[_DMA + _DMA_STRIDE * i + _AL1_CTRL]
        if ctrl & _BUSY and ctrl >> 15 & 0x3F == _DREQ_ADC:
            mem32[_CHAN_ABORT] = 1 << i
            for _ in range(_LIMIT):
                if not mem32[_CHAN_ABORT]:
                    break


def _wait(register: int, bit: int) -> None:
    for _ in range(_LIMIT):
        if mem32[register] & bit:
            return


def _written() -> int:
    """Samples of this lap that have been written."""
    return _count(_ring, _write_register)


@micropython.viper
def _count(ring: ptr16, register: int) -> int:  # noqa: F821 - viper's own types
    return (ptr32(register)[0] - int(ring)) >> 1  # noqa: F821


@micropython.viper
def _newest(ring: ptr16, register: int, channel: int) -> int:  # noqa: F821
    last = ((ptr32(register)[0] - int(ring)) >> 1) - 1  # noqa: F821
    at = last - (last - channel) % 3
    if at < 0:
        at += 1536  # _LAP, which is no constant to viper
    return ring[at] & 0xFFF


@micropython.viper
def _lead(ring: ptr16, register: int, cs: int) -> int:  # noqa: F821
    """Which input comes next as AINSEL says, less what the place in the ring says; -1 when a
    sample came in between."""
    before = ptr32(register)[0]  # noqa: F821
    turn = ptr32(cs)[0] >> 12 & 7  # noqa: F821 - AINSEL
    if ptr32(register)[0] != before:  # noqa: F821
        return -1
    return (turn - ((before - int(ring)) >> 1)) % 3


def in_step() -> bool:
    """Whether the samples are where they belong; if not, sampling began anew."""
    if mem32[_CS] & _START_MANY and _data.active():
        for _ in range(_LOOKS):
            if _lead(_ring, _write_register, _CS) == _turn:
                return True
    start()
    return False


def position() -> int:
    """The frame of the ring that is being sampled."""
    return _written() // _TURNS % FRAMES


def newest(channel: int) -> int:
    """The latest sample of a channel, 12 bits."""
    return _newest(_ring, _write_register, channel)


def fresh(channel: int) -> int:
    """A sample of a channel that is taken after the call, which waits for it: 0.1 to 0.4 ms."""
    before = _written()
    # The next sample may be under way already.
    wanted = 2 + (channel - before - 1) % _TURNS
    for _ in range(_LIMIT):
        if (_written() - before) % _LAP >= wanted:
            break
    return newest(channel)


def copy(into: bytearray, first: int, count: int) -> None:
    """Pack `count` frames from frame `first` of the ring on; see racklet_wire.waveform."""
    _pack(into, _ring, _TURNS * first, _TURNS * count // 2)


@micropython.viper
def _pack(into: ptr8, ring: ptr16, at: int, pairs: int):  # noqa: F821 - viper's own types
    end = 1536  # _LAP
    out = 0
    for _ in range(pairs):
        pair = ring[at] & 0xFFF
        at += 1
        if at == end:
            at = 0
        pair |= (ring[at] & 0xFFF) << 12
        at += 1
        if at == end:
            at = 0
        into[out] = pair
        into[out + 1] = pair >> 8
        into[out + 2] = pair >> 16
        out += 3
