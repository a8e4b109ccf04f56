"""`manage.py recount`: prove the counters against what they count; with `--mend` write them anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from submissions.services import counting


class Command(BaseCommand):
    help = "核对各项计数与报送任务、材料是否一致；不一致时逐项列出并以错误结束，加--mend则补正。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="发现不一致时补正。")

    def handle(self, *args: Any, mend: bool, **options: Any) -> None:
        counting.fold_deltas()
        drifted = counting.drift()
        for name, *row in drifted:
            self.stdout.write(f"{name}：{tuple(row)}")
        if drifted and mend:
            counting.mend()
            self.stdout.write(f"有{len(drifted)}项计数与实际不符，已补正。")
        elif drifted:
            raise CommandError(f"有{len(drifted)}项计数与实际不符，加--mend可补正；请同时告知开发人员。")
        else:
            self.stdout.write("计数与报送任务、材料一致。")
