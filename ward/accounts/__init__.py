"""This package is who may use the console: roles, what each may do, and how passwords are kept."""
