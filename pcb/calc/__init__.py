"""Design calculations of both boards: each figure with its unit and source, each limit an
assertion with the margin it is held to. Component values are read from the committed netlists,
so a changed resistor is a changed result. `python -m calc.report` prints the table.
"""
