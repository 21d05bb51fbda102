"""Transfer learning: a network that was taught something else tells the classes of an image folder apart."""
