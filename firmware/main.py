"""Second stage: run the application."""

from racklet_bmc import app


def start() -> None:
    """Run until the power goes, a reset, or Ctrl-C at the REPL."""
    app.run()


if __name__ == "__main__":
    start()
