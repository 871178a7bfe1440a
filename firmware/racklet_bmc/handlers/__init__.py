"""The application's families of handlers; what one is: racklet_base/handlers/__init__.py."""
