"""The one model of the world that every simulated bench shares."""
