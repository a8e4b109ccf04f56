"""`manage.py load_demo`: an invented county with five campaigns, once per database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from reports.demo import load


class Command(BaseCommand):
    help = "载入演示数据：一个虚构的县，五个处在不同阶段的活动。只写入空的数据库；已载入的不再改动。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", default=load.SEED, help="随机种子；同一种子在同一天生成同样的数据。")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            fresh = load.load_demo(at=timezone.now(), seed=options["seed"], say=self.stdout.write)
        except load.ForeignData as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("演示数据已载入。" if fresh else "演示数据已在库中，未作改动。")
