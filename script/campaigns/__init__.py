"""The campaigns of script/faults: each breaks one thing, on a site of real processes (site.py)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module

# In the order of a whole run: name, and the module that has a function of that name.
CAMPAIGNS = {
    "kill": "workers",
    "tree": "workers",
    "mail": "mail",
    "redis": "broker",
    "postgres": "database",
    "beat": "beat",
    "many": "load",
    "cost": "load",
}


@dataclass
class Outcome:
    """What a campaign counted, by the words beside each figure, and what was not kept."""

    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        return not self.broken

    def promise(self, words: str, kept: bool) -> None:
        if not kept:
            self.broken.append(words)


def campaign_called(name: str) -> Callable[..., Outcome]:
    """Its function. To be asked for when the settings are known (`site.running_site`)."""
    return getattr(import_module(f"campaigns.{CAMPAIGNS[name]}"), name)
