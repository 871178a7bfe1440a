"""Services that a unit has with and without an application: log, images, keys, supervisor.

The rules of racklet_bmc/services/__init__.py hold here too.
"""
