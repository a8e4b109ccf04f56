"""The world outside in a soak: the peers of tests/notices, which outlive every worker, and what they took."""

import contextlib
import logging
from collections.abc import Iterator

from notices.models import Channel
from tests.notices.peers import DROP, HANG, Hold, MailPeer, Refuse, Reply, RobotPeer
from tests.soak.plan import ROBOTS, TOWNSHIPS

MAIL_TROUBLES = {
    "refuse": Refuse("rcpt", "451 4.3.2 try again later"),
    "hang": HANG,
    "drop": DROP,
}
BUSY = Reply(429, headers={"Retry-After": "2"})
ERROR_IN_200 = Reply(200, {"errcode": -1, "code": -1, "errmsg": "system error", "msg": "system error"})
SIGNED = "token-0"  # of a robot that checks signatures and whose group is to be told something


class Town:
    """A mail server and the robots of all groups."""

    def __init__(self, mail: MailPeer, robots: RobotPeer) -> None:
        self.mail, self.robots = mail, robots
        self._groups: dict[str, int] = {}

    def learn_groups(self) -> None:
        """Which tokens the plan that was just built has given to which groups."""
        ids = Channel.objects.order_by("pk").values_list("pk", flat=True)
        self._groups = {f"token-{n}": pk for n, pk in enumerate(ids)}

    def environment(self) -> dict[str, str]:
        """How workers find it."""
        robots = dict.fromkeys(("DINGTALK_URL", "WECOM_URL", "FEISHU_URL"), self.robots.url)
        return {"EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}", **robots}

    def mails(self) -> list[tuple[str, str]]:
        """(Message-ID, address) of every mail taken."""
        return [(one.letter["Message-ID"], one.to[0]) for one in list(self.mail.taken)]

    def words(self) -> list[int]:
        """The group (id of its channel) of all that was said in any."""
        return [self._groups[one.token] for one in list(self.robots.said)]

    def hold(self) -> Hold:
        """The next mail is taken and its sender left without an answer."""
        order = Hold()
        self.mail.then(order)
        return order

    def trouble_mail(self, kind: str, count: int) -> None:
        self.mail.then(*[MAIL_TROUBLES[kind]] * count)

    def trouble_robots(self, *orders: Reply | str) -> None:
        """What the next requests meet; and one robot takes every signature for wrong, until
        `accept_signatures`."""
        self.robots.secrets[SIGNED] = "another secret"
        self.robots.then(*orders)

    def accept_signatures(self) -> None:
        self.robots.secrets.update(secrets())


def secrets() -> dict[str, str]:
    """By token, as the plan has entered them; a robot of WeCom has none."""
    return {f"token-{n}": "" if ROBOTS[n % 3] == "wecom" else f"secret-{n}" for n in range(TOWNSHIPS)}


@contextlib.contextmanager
def own_town() -> Iterator[Town]:
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would tell every command
    with MailPeer() as mail, RobotPeer(secrets()) as robots:
        yield Town(mail, robots)
