"""What the firmware's tests put in the place of hardware."""
