"""What every test of every room runs under."""

from contextlib import suppress

with suppress(ImportError):  # the CAD environment has no hypothesis
    from hypothesis import settings

    # The same examples on every machine, and none of them judged by the clock: by default a pause
    # of 200 ms, such as a busy computer makes at any time, fails a test.
    settings.load_profile("ci")
