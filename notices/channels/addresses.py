"""What people paste as the address of a robot, and the key that is in it."""

import re
from urllib.parse import parse_qs, urlsplit

from notices.enums import ChannelKind

#: Host, path and the parameter with the key; where that is None, the key is the end of the path.
PLATFORMS: dict[str, tuple[str, str, str | None]] = {
    ChannelKind.DINGTALK: ("oapi.dingtalk.com", "/robot/send", "access_token"),
    ChannelKind.WECOM: ("qyapi.weixin.qq.com", "/cgi-bin/webhook/send", "key"),
    ChannelKind.FEISHU: ("open.feishu.cn", "/open-apis/bot/v2/hook/", None),
}
KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")


class NotAnAddress(Exception):
    """The message is one Chinese sentence for the person who pasted it."""


def key_in(pasted: str, kind: str) -> str:
    """The key of a robot of this kind, out of its whole address or pasted alone. Raises NotAnAddress."""
    label = ChannelKind(kind).label
    pasted = pasted.strip()
    found = _out_of_address(pasted, kind) if re.search(r"[/?.]", pasted) else pasted
    if found is None:
        raise NotAnAddress(f"这不是{label}的地址，请到群机器人的设置中复制完整地址。")
    if not KEY.fullmatch(found):
        raise NotAnAddress(f"{label}地址中的密钥不完整，请到群机器人的设置中重新复制。")
    return found


def _out_of_address(pasted: str, kind: str) -> str | None:
    """None for another platform's address, or none at all."""
    host, path, parameter = PLATFORMS[kind]
    try:
        parts = urlsplit(pasted if "://" in pasted else f"https://{pasted}")
        named = parts.hostname
    except ValueError:
        return None
    if parts.scheme != "https" or named != host:
        return None
    if parameter is None:
        return parts.path.removeprefix(path).removesuffix("/") if parts.path.startswith(path) else None
    return parse_qs(parts.query).get(parameter, [""])[0] if parts.path == path else None
