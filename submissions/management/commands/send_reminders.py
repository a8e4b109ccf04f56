"""`manage.py send_reminders --now ISO-INSTANT [--dry-run]`: one scan, and its summary as JSON."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from submissions.services import reminding


def instant(text: str) -> datetime:
    """An ISO 8601 instant with its offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}”不是ISO格式的时刻，应如2026-04-30T08:00:00+08:00。") from None
    if found.tzinfo is None:
        raise ArgumentTypeError(f"“{text}”没有写明时区，请加上时差，如+08:00。")
    return found


class Command(BaseCommand):
    help = (
        "按催办安排检查一次，登记到时的提醒并写入待发消息；以JSON报告检查的任务数、登记数和各种未提醒的原因。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", type=instant, required=True, help="以哪一时刻为准，须带时区。")
        parser.add_argument("--dry-run", action="store_true", help="只报告，不登记，不发送。")

    def handle(self, *args: Any, now: datetime, dry_run: bool, **options: Any) -> None:
        if now > timezone.now() and not (dry_run or settings.LOCAL):
            raise CommandError("所给时刻尚未到来，只能加--dry-run试算。")
        summary = reminding.scan(at=now, dry_run=dry_run)
        self.stdout.write(json.dumps(summary.plain() | {"dry_run": dry_run}, ensure_ascii=False))
