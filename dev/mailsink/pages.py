"""The pages: a list for mails, one for group messages, and a message. All that came is escaped here."""

import re
from datetime import UTC, datetime, timedelta, timezone
from html import escape
from urllib.parse import urlencode

from dev.mailsink.store import GROUPS, MAILS, PER_PAGE, Taken

BEIJING = timezone(timedelta(hours=8))
LINK = re.compile(r"(https?://[^\s<>\"'，。；：、（）“”]+)")
NAMES = {MAILS: "邮件", GROUPS: "群消息"}

STYLE = """
body { margin: 0; font: 16px/1.6 system-ui, "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #1f2933; background: #f4f6f9; }
header { background: #fff; border-bottom: 1px solid #d5dce4; }
header > *, main { max-width: 56rem; margin: 0 auto; padding: 0 1rem; }
h1 { font-size: 1.125rem; padding-top: .75rem; }
header p { color: #52606d; font-size: .875rem; margin-bottom: .5rem; }
nav a { display: inline-block; padding: .5rem 1rem .5rem 0; margin-right: .5rem; color: #1d4f91; text-decoration: none; }
nav a[aria-current] { font-weight: 600; box-shadow: inset 0 -3px #1d4f91; }
a { color: #1d4f91; overflow-wrap: anywhere; }
form { display: flex; gap: .5rem; margin: 1rem 0; }
input { flex: 1; min-width: 0; font: inherit; padding: .375rem .5rem; border: 1px solid #8795a5; border-radius: 4px; }
button { font: inherit; padding: .375rem 1rem; border: 1px solid #1d4f91; border-radius: 4px; color: #fff; background: #1d4f91; }
ul { list-style: none; margin: 0; padding: 0; background: #fff; border: 1px solid #d5dce4; border-radius: 6px; }
li { padding: .625rem 1rem; border-top: 1px solid #e6ebf0; overflow-wrap: anywhere; }
li:first-child { border-top: 0; }
li span, dt, .empty { color: #52606d; font-size: .875rem; }
li span { display: block; }
dl { display: grid; grid-template-columns: 4rem 1fr; gap: .25rem .5rem; overflow-wrap: anywhere; }
dd { margin: 0; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; background: #fff; border: 1px solid #d5dce4; border-radius: 6px; padding: 1rem; }
.pages { display: flex; justify-content: space-between; padding: 1rem 0 2rem; }
"""  # noqa: E501

SHELL = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - 演示收信台</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<h1>演示收信台</h1>
<p>平台在本机发出的邮件和群消息都送到这里，不会发往外部。</p>
<nav aria-label="消息种类">{tabs}</nav>
</header>
<main>
{main}
</main>
</body>
</html>
"""


def listing(tab: str, rows: list[Taken], *, total: int, number: int, asked: str) -> str:
    """Page `number` of `total` messages that hold `asked`."""
    search = (
        f'<form><input type="search" name="q" value="{escape(asked)}" aria-label="收件人或标题" '
        'placeholder="收件人或标题"><button>查找</button></form>'
    )
    items = "".join(
        f'<li><a href="/{tab}/{row.pk}">{escape(row.subject) or "（无标题）"}</a>'
        f"<span>发给 {escape(row.receiver)}</span><span>{escape(row.sender)}　{moment(row.at)}</span></li>"
        for row in rows
    )
    found = f"<ul>{items}</ul>" if rows else f'<p class="empty">{nothing(tab, asked)}</p>'
    return shell(NAMES[tab], tab, search + found + turning(tab, total, number, asked))


def nothing(tab: str, asked: str) -> str:
    return f"没有符合条件的{NAMES[tab]}，请换一个词再找。" if asked else f"还没有收到{NAMES[tab]}。"


def turning(tab: str, total: int, number: int, asked: str) -> str:
    """Links to the pages before and after."""

    def link(page: int, word: str) -> str:
        query = urlencode({"q": asked, "page": page} if asked else {"page": page})
        return f'<a href="/{tab}?{escape(query)}">{word}</a>'

    last = max(1, -(-total // PER_PAGE))
    before = link(number - 1, "较新的") if number > 1 else "<span></span>"
    after = link(number + 1, "较早的") if number < last else "<span></span>"
    return f'<p class="pages">{before}<span>共{total}条，第{number}/{last}页</span>{after}</p>'


def message(tab: str, row: Taken) -> str:
    """One message in full; its addresses can be followed."""
    facts = (("发件", row.sender), ("收件", row.receiver), ("标题", row.subject), ("时间", moment(row.at)))
    head = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    back = f'<p><a href="/{tab}">返回{NAMES[tab]}</a></p>'
    return shell(row.subject or "（无标题）", tab, f"{back}<dl>{head}</dl><pre>{linked(row.body)}</pre>")


def refusal(sentence: str) -> str:
    return shell("未找到", "", f'<p>{escape(sentence)}</p><p><a href="/{MAILS}">返回邮件</a></p>')


def shell(title: str, tab: str, main: str) -> str:
    tabs = "".join(
        f'<a href="/{one}"{" aria-current=page" if one == tab else ""}>{name}</a>'
        for one, name in NAMES.items()
    )
    return SHELL.format(title=escape(title), tabs=tabs, main=main)


def linked(text: str) -> str:
    """The text, escaped, with its web addresses as links."""
    return "".join(
        f'<a href="{escape(part)}" rel="noreferrer">{escape(part)}</a>' if odd % 2 else escape(part)
        for odd, part in enumerate(LINK.split(text))
    )


def moment(at: float) -> str:
    here = datetime.fromtimestamp(at, UTC).astimezone(BEIJING)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M:%S}"
