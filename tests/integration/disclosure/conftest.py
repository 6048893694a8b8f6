"""The scene on which introductions are played."""

import pytest

from tests.cast import Cast
from tests.integration.pairs import Scene, stage


@pytest.fixture
def scene(people: Cast) -> Scene:
    return stage(people)
