"""The robot of a Feishu group."""

import re
from urllib.parse import quote

from django.conf import settings

from notices.channels.robots import Contract, Request, RobotLine, signature


def _build(token: str, secret: str, text: str, now: float) -> Request:
    # `<at user_id="all">` in a text would call everybody.
    body = {"msg_type": "text", "content": {"text": re.sub(r"<(?=\s*/?\s*at\b)", "＜", text)}}
    if secret:
        stamp = str(int(now))
        body |= {"timestamp": stamp, "sign": signature(f"{stamp}\n{secret}", "")}
    return Request(f"{settings.FEISHU_URL}/open-apis/bot/v2/hook/{quote(token, safe='')}", body)


class Robot(RobotLine):
    contract = Contract(
        build=_build,
        code="code",
        said="msg",
        longest=15_000,
        refusals={
            19001: "请核对机器人地址",
            19021: "请核对加签密钥和服务器时间",
            19022: "请核对IP白名单",
            19024: "内容没有机器人要求的关键词",
        },
        busy=frozenset({11232, 99991400}),
    )
