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
    if not 2000 <= found.year < 9999:
        raise ArgumentTypeError(f"“{text}”不在2000年至9998年之间，请核对。")
    return found


class Command(BaseCommand):
    help = (
        "按催办安排检查一次，登记到时的提醒并写入待发消息；以JSON报告检查的任务数、登记数和各种未提醒的原因。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.usage = "%(prog)s --now 时刻 [--dry-run]"
        # Not `required`: argparse would say so in English.
        parser.add_argument("--now", type=instant, metavar="时刻", help="以哪一时刻为准，须带时区。")
        parser.add_argument("--dry-run", action="store_true", help="只报告，不登记，不发送。")

    def handle(self, *args: Any, now: datetime | None, dry_run: bool, **options: Any) -> None:
        if now is None:
            raise CommandError(
                "请用--now写明以哪一时刻为准，如--now 2026-04-30T08:00:00+08:00。", returncode=2
            )
        if now > timezone.now() and not dry_run:
            if not settings.LOCAL:
                raise CommandError("所给时刻尚未到来，只能加--dry-run试算。")
            self.stderr.write("所给时刻尚未到来，仅因这是演示或测试环境而照常登记。")
        summary = reminding.scan(at=now, dry_run=dry_run)
        self.stdout.write(json.dumps(summary.plain() | {"dry_run": dry_run}, ensure_ascii=False))
