"""Finds every detector by walking `rules/` and `stats/`: the folder listing is the table of contents."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, TypeVar

from detectors import rules, stats
from detectors.detector import Rule
from detectors.statistic import Statistic

if TYPE_CHECKING:
    from types import ModuleType

_Kind = TypeVar("_Kind")
COMBINATION = "combination"


def all_rules() -> list[type[Rule]]:
    """Every rule class, by name."""
    return [_the_one(module, Rule) for module in _modules(rules)]  # type: ignore[type-abstract]


def all_statistics() -> list[type[Statistic]]:
    """Every statistic class, by name."""
    return [_the_one(module, Statistic) for module in _modules(stats)]  # type: ignore[type-abstract]


def names_of_all() -> list[str]:
    """What signals call their detector, rules first, the combination last. Loads none of them."""
    return [*_names(rules), *_names(stats), COMBINATION]


def _names(package: ModuleType) -> list[str]:
    return sorted(found.name for found in pkgutil.iter_modules(package.__path__))


def _modules(package: ModuleType) -> list[ModuleType]:
    return [importlib.import_module(f"{package.__name__}.{name}") for name in _names(package)]


def _the_one(module: ModuleType, kind: type[_Kind]) -> type[_Kind]:
    """The module's own detector, which must bear the file's name.

    Raises:
        TypeError: the file holds none, several, or one of another name.
    """
    name = module.__name__.rpartition(".")[2]
    own = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, kind) and thing.__module__ == module.__name__
    ]
    if len(own) != 1 or getattr(own[0], "name", None) != name:
        raise TypeError(f"{module.__name__} must hold exactly one {kind.__name__} whose name is {name!r}")
    return own[0]
