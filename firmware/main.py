"""Second stage: hand over to the base, which finds the application."""

import protection


def start() -> None:
    """Run until a reset, or Ctrl-C at the REPL; then go on where that stopped.

    The reset has stopped PIO while the rail may be on: before anything else, it watches again.
    """
    protection.resume()
    try:
        from racklet_base import first_stage  # noqa: PLC0415 - only after that: it takes its time

        first_stage.run()
    except KeyboardInterrupt:
        import files  # noqa: PLC0415

        files.mount()
        raise


if __name__ == "__main__":
    start()
