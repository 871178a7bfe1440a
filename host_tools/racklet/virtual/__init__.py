"""The virtual rack for people: the simulated world behind sockets, at wall speed.

This is the only package of the host tools that may import the plant, and it does so lazily,
so that everything else works where no simulator is installed.
"""
