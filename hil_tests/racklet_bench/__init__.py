"""How a test drives a bench: virtual, emulated RP2040, or real boards."""
