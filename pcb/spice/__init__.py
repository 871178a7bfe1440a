"""ngspice runs of the moments that matter, compared with the plant's parameters."""
