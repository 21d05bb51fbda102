"""Training: a Keras network that reads meters, from a folder of pictures to a published version."""
