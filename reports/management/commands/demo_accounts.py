"""`manage.py demo_accounts`: who can log in to the demo; silent where there is none."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.demo import accounts


class Command(BaseCommand):
    help = "列出演示账号（角色、用户名、密码）；数据库里没有演示数据时什么也不输出。"

    def handle(self, *args: Any, **options: Any) -> None:
        for line in accounts.table():
            self.stdout.write(line)
