"""This file opens the room of the machines: camera, printer, panel, and the box's own health."""
