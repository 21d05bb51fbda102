"""Set-up and checks behind the Makefile."""
