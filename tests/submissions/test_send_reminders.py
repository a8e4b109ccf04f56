"""`manage.py send_reminders`: one scan at a stated instant, its summary as JSON."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from portal.models import Heartbeat
from submissions.management.commands.send_reminders import instant
from submissions.models import Reminder
from submissions.tasks import scan_reminders
from tests.factories import assigned, county

pytestmark = pytest.mark.django_db

EVE = "2026-04-29T09:00:00+08:00"


def send(*arguments: str) -> dict:
    out = StringIO()
    call_command("send_reminders", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_it_says_what_it_considered_recorded_and_skipped() -> None:
    assigned(county())
    assert send("--now", EVE) == {
        "considered": 2,
        "recorded": 1,
        "people": 1,
        "groups": 0,
        "skipped": {"nobody_to_tell": 1},
        "dry_run": False,
    }
    assert send("--now", EVE)["skipped"] == {"already_recorded": 1, "nobody_to_tell": 1}


def test_a_dry_run_writes_nothing() -> None:
    assigned(county())
    assert (send("--now", EVE, "--dry-run")["recorded"], Reminder.objects.count()) == (1, 0)


@pytest.mark.parametrize("now", ["2026-04-29T09:00:00", "2026-04-29", "morgen", ""])
def test_the_instant_needs_an_offset(now: str) -> None:
    with pytest.raises(CommandError, match="时"):
        send("--now", now)


def test_a_future_instant_is_for_trying_out_alone(settings) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="--dry-run"):
        send("--now", "2999-01-01T00:00:00+08:00")
    assert send("--now", "2999-01-01T00:00:00+08:00", "--dry-run")["recorded"] == 0


def test_tried_out_with_a_future_instant_it_says_why_it_records(settings) -> None:
    settings.LOCAL = True
    assigned(county())
    said = StringIO()
    call_command("send_reminders", now=instant("2999-01-01T00:00:00+08:00"), stdout=StringIO(), stderr=said)
    assert said.getvalue() == "所给时刻尚未到来，仅因这是演示或测试环境而照常登记。\n"


def test_an_instant_that_is_past_or_a_dry_run_needs_no_word(settings) -> None:
    settings.LOCAL = True
    said = StringIO()
    call_command("send_reminders", now=instant(EVE), stdout=StringIO(), stderr=said)
    future = instant("2999-01-01T00:00:00+08:00")
    call_command("send_reminders", now=future, dry_run=True, stdout=StringIO(), stderr=said)
    assert said.getvalue() == ""


def test_without_an_instant_it_asks_for_one_in_chinese() -> None:
    with pytest.raises(CommandError) as error:
        call_command("send_reminders")
    assert str(error.value) == "请用--now写明以哪一时刻为准，如--now 2026-04-30T08:00:00+08:00。"


def test_the_periodic_scan_leaves_word_of_itself() -> None:
    assigned(county())
    assert Heartbeat.objects.filter(name="reminders").count() == 0
    summary = scan_reminders()
    assert Heartbeat.objects.get(name="reminders").summary == summary


def test_the_instant_is_one_that_can_be_reckoned_with() -> None:
    with pytest.raises(CommandError, match="请核对"):
        send("--now", "9999-12-31T00:00:00+08:00", "--dry-run")
    assert send("--now", "9998-12-31T00:00:00+08:00", "--dry-run")["recorded"] == 0
