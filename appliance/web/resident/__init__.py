"""This folder is what a resident opens: a number, the guide, lessons, what became of a dossier."""
