"""Where the errors that pages translate have their sentence."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import backend.domain
import backend.services
from backend.domain.sentences import Translatable


def kinds(kind: type[Translatable] = Translatable) -> Iterator[type[Translatable]]:
    """Every kind of error whose sentence can be translated."""
    for own in kind.__subclasses__():
        yield own
        yield from kinds(own)


def sentence_places() -> dict[str, int]:
    """The kinds of errors by name, with the place of the sentence among their arguments, from 1 on."""
    for package in (backend.domain, backend.services):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    parameters = {kind.__name__: list(inspect.signature(kind).parameters) for kind in kinds()}
    return {name: names.index("sentence") + 1 for name, names in parameters.items() if "sentence" in names}
