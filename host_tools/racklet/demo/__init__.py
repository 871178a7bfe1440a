"""The demo: one story on a virtual rack, told live in a terminal or line by line in a pipe."""
