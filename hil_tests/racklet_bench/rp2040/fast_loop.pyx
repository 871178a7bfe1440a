# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The emulator's main loop without wall-clock budgets: what stops it is only `stopped`.

Unlike rp2040py's own loop it keeps PIO in step while the CPU sleeps or stands still: no jump of
time goes past the cycle in which a state machine is due, and a machine does not lag behind a long
instruction of the CPU: rp2040py gives it one step for each of those, whatever cycles they take.
"""

from rp2040py.native._cortex_m0_core cimport CortexM0Core
from rp2040py.native._rp2040 cimport RP2040
from rp2040py.native._simulation_clock cimport SimulationClock
from rp2040py.native._pio cimport RPPIO

cdef double CYCLE = 8.0  # ns at 125 MHz
cdef double FAR = 1e6  # ns; with nothing to wait for time still passes
cdef long long NEVER = <long long>1 << 62


cdef inline double until_due(RPPIO pio, double ns):
    """The shorter of `ns` and the time until a state machine of this block is due."""
    cdef long long cycles
    if pio.stopped or pio.next_due_fp >= NEVER:
        return ns
    cycles = (pio.next_due_fp - pio.cycle_fp + 255) >> 8
    if cycles < 1:
        cycles = 1
    return min(ns, cycles * CYCLE)


cdef inline keep_up(RPPIO pio, SimulationClock clock, long long cycles):
    """Let the state machines do what falls into the next `cycles`, each step at its instant.

    The clock stays where it is: afterwards it is told of the same cycles.
    """
    cdef double now
    cdef long long begin, end
    if pio.stopped:
        return
    now = clock._nanos_counter
    begin = pio.cycle_fp
    end = begin + (cycles << 8)
    while pio.next_due_fp <= end:
        pio.cycle_fp = max(pio.cycle_fp, pio.next_due_fp)
        clock._nanos_counter = now + (pio.cycle_fp - begin) / 256.0 * CYCLE
        pio._run_due()
    clock._nanos_counter = now
    pio.cycle_fp = end


def run(simulator):
    """Run until simulator.stopped, which only alarms, listeners and bus accesses set."""
    cdef RP2040 chip = simulator.rp2040
    cdef CortexM0Core core = chip.core
    cdef SimulationClock clock = chip.clock
    cdef RPPIO pio0 = chip.pio[0]
    cdef RPPIO pio1 = chip.pio[1]
    cdef double ns
    cdef long long cycles
    cdef int unchecked = 0
    while True:
        if core.waiting or chip.stall > 0:
            ns = FAR
            if clock._next_alarm is not None:
                ns = max(clock._next_alarm.nanos - clock._nanos_counter, 0.0)
            ns = until_due(pio1, until_due(pio0, ns))
            if chip.stall > 0:
                ns = min(ns, chip.stall * CYCLE)
            cycles = <long long>(ns / CYCLE + 0.999999)
            if chip.stall > 0:
                chip.stall = max(chip.stall - cycles, 0)
            keep_up(pio0, clock, cycles)
            keep_up(pio1, clock, cycles)
            clock.tick(ns)
            unchecked = 64
        else:
            cycles = core.execute_instruction()
            ns = cycles * CYCLE
            keep_up(pio0, clock, cycles)
            keep_up(pio1, clock, cycles)
            if clock._next_alarm is not None and (
                clock._next_alarm.nanos <= clock._nanos_counter + ns
            ):
                clock.tick(ns)
                unchecked = 64
            else:
                clock._nanos_counter += ns
        unchecked += 1
        if unchecked > 64:
            unchecked = 0
            if simulator.stopped:
                return
