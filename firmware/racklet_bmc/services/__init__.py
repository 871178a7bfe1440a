"""Services: what a BMC does. Plain classes, handed drivers, pins, a clock and flash regions.

They know neither `machine` nor the wire; of racklet_wire they import constants and cbor only.
A clock has `ms()`, `us()` (integers that never wrap) and `async sleep_ms(n)`.

What has to be done again and again is a `step()`, due every `period_ms()`; Supervisor.serve()
calls it and notices when it fails to come round within `limit_ms`. The order that works:

    settings = Settings(region)                              settings.py
    log = EventLog(region, clock)                            eventlog.py
    store = Store(region)                                    store.py, of totals that outlive us
    energy = Energy(clock, store, ...)                       energy.py, configures the monitors
    telemetry = Telemetry(clock, ...)                        telemetry.py
    rail = Rail(latch, pins, adc)                            rail.py
    hotplug = Hotplug(clock, settings, eeprom, log)          hotplug.py
    power = Power(clock, settings, rail=rail, ...)           power.py, adopts the latch as it is
    housekeeping = Housekeeping(power, (log, store), is_addressed)   housekeeping.py
    supervisor = Supervisor(clock, wdt, scratch, log)        supervisor.py

Pin interrupts (soft) call power.on_fault_edge(net) and power.on_presence_edge(); the pause that
power is served with should then end early.
"""
