"""A strict AWS in one process: it reads the templates we deploy, and forgives nothing that AWS does
not forgive."""
