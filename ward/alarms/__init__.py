"""This package tells people outside what cannot wait: who, in which order, and once each."""
