"""The firmware of a Racklet board management controller."""
