"""The power sequencer as one table: in this state, at this event, if this holds, do that, go there.

The first row whose state, event and guard fit is taken. ANY is every state but the one the row
leads to. Guards and actions are methods of sequencer.Sequencer, of the same name behind an
underscore; the diagram in the documentation is drawn from this table.

Events seen in a sample of the pins, in the order in which they are looked for, which is that of
the rows of a state:

    unseated   presence is open
    tripped    a fault or alert pin is low, or the latch fell although it was set
    sagged     the rail left its window although the latch is set
    seated     presence is closed
    settled    presence has been closed without a break for the settling time
    ready      the rail is measured empty and TON_DELAY is over
    good       power-good pin and the measured voltage in the window
    halted     the compute unit has said "powered off" for TOFF_DELAY
    empty      the latch is clear and the measured voltage below the threshold
    fed        the rail is off and empty no more: something outside feeds it
    due        the restore policy or a fault response says to switch on by itself, now
    expired    the time limit of the state has passed

Events of commands: admitted, on, off, shutdown. `limit` is a limit that firmware measures.
`found_...` are what the firmware meets at its start.
"""

from racklet_wire.power import (
    ABSENT,
    FAULT,
    OFF,
    ON,
    PROBATION,
    SETTLING,
    SHUTTING_DOWN,
    TURNING_OFF,
    TURNING_ON,
)

START = -1
ANY = -2

EVENTS_SEEN = (
    "unseated",
    "tripped",
    "sagged",
    "seated",
    "settled",
    "ready",
    "good",
    "halted",
    "empty",
    "fed",
    "due",
    "expired",
)

# state, event, guard, action, next state
TABLE = (
    (START, "found_on", None, "adopt", ON),
    (START, "found_rising", None, "adopt", TURNING_ON),
    (START, "found_off", None, "cut", ABSENT),
    (ANY, "unseated", None, "lose", ABSENT),
    (ABSENT, "seated", None, None, SETTLING),
    (ABSENT, "empty", "discharging", "rest", ABSENT),
    (SETTLING, "settled", None, None, PROBATION),
    (PROBATION, "admitted", None, "cut", TURNING_OFF),
    (PROBATION, "expired", None, "stand_alone", TURNING_OFF),
    (OFF, "fed", None, "stay_fed", FAULT),
    (OFF, "on", None, "prepare", TURNING_ON),
    (OFF, "due", None, "prepare", TURNING_ON),
    (TURNING_ON, "tripped", None, "trip", FAULT),
    (TURNING_ON, "ready", "unarmed", "arm", TURNING_ON),
    (TURNING_ON, "good", "armed", "note_rise", ON),
    (TURNING_ON, "expired", None, "give_up", FAULT),
    (TURNING_ON, "off", None, "cut", TURNING_OFF),
    (TURNING_ON, "shutdown", None, "cut", TURNING_OFF),
    (ON, "tripped", None, "trip", FAULT),
    (ON, "sagged", None, "trip", FAULT),
    (ON, "limit", None, "trip", FAULT),
    (ON, "shutdown", None, "ask", SHUTTING_DOWN),
    (ON, "off", None, "cut", TURNING_OFF),
    (SHUTTING_DOWN, "tripped", None, "trip", FAULT),
    (SHUTTING_DOWN, "sagged", None, "trip", FAULT),
    (SHUTTING_DOWN, "limit", None, "trip", FAULT),
    (SHUTTING_DOWN, "halted", None, "cut", TURNING_OFF),
    (SHUTTING_DOWN, "off", None, "cut", TURNING_OFF),
    (SHUTTING_DOWN, "expired", None, "force", TURNING_OFF),
    (TURNING_OFF, "empty", None, "note_fall", OFF),
    (TURNING_OFF, "expired", None, "stay_charged", FAULT),
    (FAULT, "empty", "discharging", "rest", FAULT),
    (FAULT, "due", None, "prepare", TURNING_ON),
    (FAULT, "on", None, "prepare", TURNING_ON),
    (FAULT, "off", None, "cut", TURNING_OFF),
    (FAULT, "shutdown", None, "cut", TURNING_OFF),
)
