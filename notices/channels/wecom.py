"""The robot of a WeCom group. It knows no signature."""

from django.conf import settings

from notices.channels.robots import Contract, Request, RobotLine

GONE = "请核对机器人地址"


def _build(token: str, _: str, text: str, __: float) -> Request:
    body = {"msgtype": "text", "text": {"content": text}}
    return Request(f"{settings.WECOM_URL}/cgi-bin/webhook/send", body, {"key": token})


class Robot(RobotLine):
    contract = Contract(
        build=_build,
        code="errcode",
        said="errmsg",
        longest=2048,
        refusals={
            93000: GONE,
            93017: GONE,
            40014: GONE,
            40058: "内容不符合要求",
            45002: "内容过长",
            60020: "请核对IP地址白名单",
        },
        busy=frozenset({45009, 45033}),
    )
