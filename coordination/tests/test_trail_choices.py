"""What the history is searched by knows everything that happens."""

from audit.models import Event
from coordination.history_words import ACTIONS
from coordination.trail.search import INSIDE, KINDS_INSIDE, KINDS_OUTSIDE, OUTSIDE


def test_every_kind_of_thing_can_be_chosen(world):
    kinds = set(Event.objects.order_by().values_list("subject_type", flat=True).distinct())
    assert kinds <= {*KINDS_INSIDE, *KINDS_OUTSIDE}


def test_every_action_can_be_chosen():
    assert {action.partition(".")[0] for action in ACTIONS} <= {*INSIDE, *OUTSIDE}
