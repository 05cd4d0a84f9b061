"""This file is nothing but a name: picamera2 imports pykms for a screen we do not have."""


class _Names(type):
    def __getattr__(cls, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class PixelFormat(metaclass=_Names):
    """Any pixel format's name is itself."""
