"""Where the processor stood when an interrupt took over."""

import micropython


@micropython.asm_thumb
def note_pc(r0):
    """Write the program counter of what is interrupted to WATCHDOG_SCRATCH5.

    To be called by a hard interrupt. The processor pushes r0-r3, r12, lr, pc and xPSR, and gives
    its handler the link 0xFFFFFFF9 when a thread on the main stack was interrupted (ARMv6-M
    Architecture Reference Manual, B1.5.6 and B1.5.8). A handler that calls others pushes that
    first, so that the frame lies just above it. There always is one: MicroPython runs in a thread.
    """
    mov(r1, sp)
    mov(r2, 6)
    mvn(r2, r2)  # 0xFFFFFFF9
    label(NEXT)
    ldr(r0, [r1, 0])
    add(r1, 4)
    cmp(r0, r2)
    bne(NEXT)
    ldr(r0, [r1, 28])  # xPSR
    lsl(r0, r0, 23)
    bne(NEXT)  # in it the number of an exception: this link is left over from another
    ldr(r0, [r1, 24])
    mov(r3, 0x80)
    lsl(r3, r3, 8)
    add(r3, 0x0B)
    lsl(r3, r3, 15)  # 0x40058000, the watchdog; RP2040 data sheet 4.7.6
    str(r0, [r3, 0x20])
