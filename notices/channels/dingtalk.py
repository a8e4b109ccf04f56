"""The robot of a DingTalk group. Its text must hold a keyword where the robot asks for one."""

from datetime import timedelta

from django.conf import settings

from notices.channels.robots import Contract, Request, RobotLine, signature

SAFETY = "请核对加签密钥、关键词和IP地址段"
GONE = "请核对机器人地址"


def _build(token: str, secret: str, text: str, now: float) -> Request:
    params = {"access_token": token}
    if secret:
        params["timestamp"] = stamp = str(round(now * 1000))
        params["sign"] = signature(secret, f"{stamp}\n{secret}")
    body = {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}
    return Request(f"{settings.DINGTALK_URL}/robot/send", body, params)


class Robot(RobotLine):
    contract = Contract(
        build=_build,
        code="errcode",
        said="errmsg",
        longest=15_000,
        refusals={
            310000: SAFETY,
            300001: GONE,
            300005: GONE,
            400013: "群已解散",
            400101: GONE,
            400102: "机器人已停用",
            400106: GONE,
            430101: "内容含有不安全的链接",
            430102: "内容含有不合适的文本",
            430104: "内容不合适",
        },
        busy=frozenset({130101, 410100, 90018, 90030}),
        wait=timedelta(minutes=10),  # for so long it takes nothing after 20 messages in a minute
    )
