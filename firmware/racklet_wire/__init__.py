"""The language of the bus, one source for both ends. Imports `struct` only."""
