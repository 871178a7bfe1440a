"""The SMBus target: from bus events to commands and replies, the same on every board.

A byte mover (boards/<name>/mover.py) owns the I2C block. It feeds one `Engine` from its
interrupt handler, in the order of the bus:

    engine.on_write()               our address with the write bit was matched
    engine.on_bytes(buffer, n)      buffer[:n] was drained from the receive FIFO
    engine.on_end_write(restarted)  the message ended: by STOP (False) or repeated START (True)
    engine.on_read()                our address with the read bit was matched; the reply is ready
    engine.take(buffer) -> n        what to send next, at most 16 bytes; call it at READ_REQ
    engine.on_end_read()            the read ended
    engine.abort()                  the block was reset; whatever was going on is forgotten

Drain the FIFO before every other call, because events may overtake data. READ_REQ comes once
more after the controller's last NACK: call `take` for each, the engine allows for it.

A mover that cannot afford these calls keeps `engine.state` up by itself: it receives into the
mailbox as `on_bytes` does, finds the reply of a plain read in `Replies` (and, while
`Status.stale` is set, leaves the status registers to `on_read`), sends 0xFF behind it, and tells
`engine.on_end_read(beyond)` how many bytes past its end were sent.

While `engine.is_open`, a timer or a task asks `engine.is_stuck(is_held)` every 5 ms or so, with
whether SCL or SDA is low just then. True means that the transaction has not moved for 25 ms
and holds the bus: reset the block, then call `abort`.

None of these allocates. What a write asks for is done at STOP: at once where it touches only
registers of this package, else it goes to a mailbox that the event loop empties, and a read of
the same code shows the new value from then on. `wake` of the mailbox is called for that.

The event loop's side: `Registers.publish(code, data)` prepares the reply of a plain read,
`Mailbox.take()` gives what was written, `Status` holds the status registers.
"""
