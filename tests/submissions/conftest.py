"""What most tests of this room begin with."""

import pytest

from tests.factories import assigned


@pytest.fixture
def owed(place):
    """One to three essays owed by the school, due at the end of 30 April."""
    return assigned(place)
