"""Handlers translate between the registers of the bus and the services. They hold no policy.

A family serves some rows of the command table:

    reads               codes that it publishes
    writes              codes of which it takes what was written
    start()             publish what does not change, set guards
    refresh()           publish what changed; called every period_ms() and after every write
    write(code, data)   do what was written; ValueError refuses it (CML: data)
    stream              one of `writes` that comes in long rows: after it
    drain(mailbox)      take those that follow, and say if there were any; then, instead of
    progress()          everything, only the progress of the row is shown

All of it runs in the event loop. `Dispatcher` joins the families; rows that no family serves
are withheld, so a firmware that runs fewer services (recovery) supports fewer commands.

    registers = Registers(address)
    dispatcher = Dispatcher(registers, [Identity(...), Telemetry(...), ...])
    engine = Engine(registers, time.ticks_us)    # then attach the byte mover
    registers.mailbox.wake = flag.set     # an asyncio.ThreadSafeFlag: ends the pause early
    supervisor.serve("bus", dispatcher, pause)

`dispatcher.is_alerting` says what SMBALERT# is to be after each round; `on_round`, when given,
is called then.
"""
