"""At what hour messages leave the house."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from notices import hours
from notices.enums import Manner
from notices.models import Preference
from tests.factories import at

USUAL = Preference()
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(timezone.make_aware)
wishes = st.builds(
    Preference,
    digest_hour=st.integers(6, 21),
    quiet_from=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
    quiet_until=st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])),
)


def test_single_messages_wait_for_the_end_of_the_quiet_hours() -> None:
    moments = [
        hours.when(moment, Manner.ORDINARY, USUAL) for moment in (at(3, 2, 20), at(3, 2, 22), at(3, 3, 6))
    ]
    assert moments == [at(3, 2, 20), at(3, 3, 7), at(3, 3, 7)]


def test_urgent_messages_wait_for_nothing() -> None:
    assert hours.when(at(3, 2, 23), Manner.URGENT, USUAL) == at(3, 2, 23)


def test_the_digest_goes_at_its_hour_or_at_once_when_that_has_passed() -> None:
    moments = [hours.next_digest(at(3, 2, hour), USUAL, sent_today=False) for hour in (0, 8, 15, 22)]
    assert moments == [at(3, 2, 8), at(3, 2, 8), at(3, 2, 15), at(3, 3, 8)]


def test_where_one_has_gone_out_the_next_goes_tomorrow() -> None:
    assert hours.next_digest(at(3, 2, 15), USUAL, sent_today=True) == at(3, 3, 8)


@given(instants, wishes, st.booleans())
def test_a_digest_never_goes_in_quiet_hours_nor_before_it_was_asked_for(
    moment: datetime, wish: Preference, sent_today: bool
) -> None:
    goes = hours.next_digest(moment, wish, sent_today=sent_today)
    assert (goes >= moment, quiet(goes, wish)) == (True, False)
    assert goes - moment < timedelta(days=3)


@given(instants, wishes)
def test_a_second_digest_never_goes_on_the_same_day(moment: datetime, wish: Preference) -> None:
    assert timezone.localdate(hours.next_digest(moment, wish, sent_today=True)) > timezone.localdate(moment)


def quiet(moment: datetime, wish: Preference) -> bool:
    clock = timezone.localtime(moment).time()
    if wish.quiet_from <= wish.quiet_until:
        return wish.quiet_from <= clock < wish.quiet_until
    return clock >= wish.quiet_from or clock < wish.quiet_until
