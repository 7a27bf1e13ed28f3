"""Permission tables: action → predicate. Pages, services and jobs read the same table."""

from collections.abc import Callable
from dataclasses import dataclass

from coordination.errors import NotAllowed


@dataclass(frozen=True)
class Rule:
    """A named question about a person and a thing; composed with `&`, `|` and `~`."""

    name: str
    holds: Callable

    def __call__(self, user, thing) -> bool:
        return self.holds(user, thing)

    def __and__(self, other):
        return Rule(
            f"{_group(self.name, ' or ')} and {_group(other.name, ' or ')}",
            lambda u, t: self(u, t) and other(u, t),
        )

    def __or__(self, other):
        return Rule(
            f"{_group(self.name, ' and ')} or {_group(other.name, ' and ')}",
            lambda u, t: self(u, t) or other(u, t),
        )

    def __invert__(self):
        return Rule(f"not {_group(self.name, ' or ', ' and ')}", lambda u, t: not self(u, t))


def _group(name: str, *joined_by: str) -> str:
    return f"({name})" if any(word in name for word in joined_by) else name


def rule(name: str):
    """Makes a predicate `(user, thing) -> bool` a Rule that can be composed."""
    return lambda predicate: Rule(name, predicate)


class Table(dict):
    """What may be done to one kind of thing: `{"submit": is_initiator | is_head, …}`."""

    def allows(self, user, action: str, thing) -> bool:
        """Whether this person may do this; an unknown action is a KeyError, never a yes."""
        return bool(user.is_active and self[action](user, thing))

    def require(self, user, action: str, thing) -> None:
        """Raises NotAllowed unless the table allows it; a person who may do it only as somebody's
        stand-in is remembered as such (audit.history).
        """
        if not self.allows(user, action, thing):
            raise NotAllowed
        user.stands_in_now = not self.allows(user.in_person, action, thing)
