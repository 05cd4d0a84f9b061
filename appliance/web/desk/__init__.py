"""This folder is the volunteers' desk: who waits, who is on duty, the month, the machine itself."""
