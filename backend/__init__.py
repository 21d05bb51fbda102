"""The Flask side of the meter reader."""
