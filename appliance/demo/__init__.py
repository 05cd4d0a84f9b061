"""This file opens the demo: the whole of Hiên on one machine, with a virtual room to play in."""
