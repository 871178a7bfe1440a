"""Boards from text: the generator, the checks and the exports behind `make pcb`."""
