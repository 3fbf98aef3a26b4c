"""Stands in for the module of this name that the production runtime injects: every flag is off."""


def __getattr__(name: str) -> bool:
    if name.startswith("__"):
        raise AttributeError(name)
    return False
