from importlib.metadata import version


def current() -> str:
    """Version of the installed product."""
    return version("wlink")
