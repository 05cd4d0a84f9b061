"""This folder is the door: the server, TLS, who may come in, and how often."""
