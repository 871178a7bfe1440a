"""The serial console of a virtual BMC: runs the application, and a REPL after Ctrl-C.

The real board has MicroPython's own REPL on USB. A process that blocks in the C REPL could
not serve interrupts, so here the plant delivers what is typed, line by line, and the board
goes on answering the bus meanwhile.
"""

import sys

from link import link, on_interrupt, on_poll

_lines = []  # typed and not yet run


def _typed(text: str) -> None:
    if "\x03" in text:
        raise KeyboardInterrupt
    _lines.append(text)


on_interrupt("console", _typed)
on_poll(lambda: bool(_lines))


def run() -> None:
    """Run the application; when Ctrl-C stops it, take lines of Python until the power goes."""
    try:
        _start()
    except KeyboardInterrupt:
        print("\nstopped; the bus is still answered. start() runs the application again")
    _repl()


def _repl() -> None:
    scope = {"start": _start, "__name__": "__main__"}
    while True:
        print(">>> ", end="")
        try:
            _run_line(_read(), scope)
        except KeyboardInterrupt:
            print("\nKeyboardInterrupt")
        except Exception as error:  # noqa: BLE001 - whatever a person types
            sys.print_exception(error)


def _read() -> str:
    while not _lines:
        link.call("wait", -1)
    source = _lines.pop(0)
    if source.rstrip().endswith(":"):  # a block, up to an empty line
        while True:
            while not _lines:
                print("... ", end="")
                link.call("wait", -1)
            line = _lines.pop(0)
            if not line.strip():
                break
            source += "\n" + line
    return source


def _run_line(source: str, scope) -> None:
    try:
        result = eval(source, scope)
    except SyntaxError:
        exec(source, scope)
        return
    if result is not None:
        print(repr(result))


def _start() -> None:
    """Run the application again, from where its modules stand."""
    import main

    main.start()
