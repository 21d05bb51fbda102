"""What can be done with samples, pictures and versions: the panel, the commands and the jobs call these."""
