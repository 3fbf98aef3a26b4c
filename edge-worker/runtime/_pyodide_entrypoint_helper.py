"""Stands in for the module of this name that the production runtime injects."""

from typing import Any, NoReturn

cloudflareWorkersModule = cloudflareSocketsModule = None  # noqa: N816 - the runtime's own names


def patchWaitUntil(ctx: Any) -> None:  # noqa: N802 - the name that the runtime has
    """Nothing to patch: local_main gives a context whose waitUntil takes awaitables already."""


def doAnImport(name: str) -> NoReturn:  # noqa: N802 - the name that the runtime has
    """Refuse: this runtime has no JavaScript modules to import."""
    raise ImportError(name)
