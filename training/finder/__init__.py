"""The finder: a small network that says where in a photo the display lies (four corners), and if there is one."""
