"""This package takes sealed dossiers from houses over HTTPS, and renews their certificates."""
