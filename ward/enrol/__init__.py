"""This folder is trust: the ward's own authority, the broker's rules, a house's bundle."""
