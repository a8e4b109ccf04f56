"""`manage.py recount`: prove the counters against the assignments."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from submissions.services import counting


class Command(BaseCommand):
    help = "核对计数与报送任务是否一致；不一致时逐项列出并以错误结束。"

    def handle(self, *args: Any, **options: Any) -> None:
        counting.fold_deltas()
        drifted = counting.drift()
        for *key, stored, counted in drifted:
            self.stdout.write(f"{key}：计数{stored}，实际{counted}")
        if drifted:
            raise CommandError(f"有{len(drifted)}项计数与实际不符，请联系开发人员。")
        self.stdout.write("计数与报送任务一致。")
