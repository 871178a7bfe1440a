"""Second stage: hand over to the base, which finds the application."""

from racklet_base import first_stage


def start() -> None:
    """Run until a reset, or Ctrl-C at the REPL; then go on where that stopped."""
    first_stage.run()


if __name__ == "__main__":
    start()
