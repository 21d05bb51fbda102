"""The pure part: what a reading, a picture's preprocessing and a version's card are. Knows no framework."""
