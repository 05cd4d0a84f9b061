"""This file proves updates with a way back."""
