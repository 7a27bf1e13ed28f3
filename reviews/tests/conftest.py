import pytest

from reviews.tests import example


@pytest.fixture
def in_review(cast, running):
    """The review has begun; nothing of stage 3 was done and nothing of the review is written."""
    return example.finish(cast, running)


@pytest.fixture
def complete(cast, running):
    """In review, and nothing is missing."""
    return example.complete(cast, running)
