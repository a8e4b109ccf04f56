"""The way of every paper that goes out: edited by an officer, put before a leader, signed or given back.

Bulletins and reports go it alike; a `Desk` says what is particular about one of them. Every act locks the
paper first, so that a second press and a second person come before or after, never in between.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from notices.services.telling import tell
from portal import audit
from portal.changes import Values, difference
from reports.enums import PaperState
from reports.models import Outgoing
from reports.services.trail import changed_by
from schools.enums import Role
from schools.models import Membership, Unit, User
from submissions.rules import NotAllowed, require


def people_of(host: Unit, *roles: Role) -> set[int]:
    """Those (ids) who hold one of `roles` over `host`; where nobody does, over the nearest bureau above."""
    posts = Membership.objects.in_post(*roles).filter(scope__path__in=host.ancestor_paths())
    held = list(posts.values_list("scope__path", "user"))
    nearest = max((path for path, _ in held), key=len, default="")
    return {user for path, user in held if path == nearest}


def _nothing(*about: Any) -> None:
    return None


@dataclass(frozen=True)
class Desk:
    """What is particular about one kind of paper.

    `lock(paper, role, by)` gives the row as it is now, or raises NotYours; `words` are the fields that the
    officer may change, `needed` those of them that must not be empty; `page` is the name of the address;
    `about` says in a notice what it is about; `send_out(paper, at)` does what signing leads to, and
    `keep(paper, by, at)` what has to be there before; `why_stale` says why it can only be discarded, and
    `ending(paper)` sees one that is discarded.
    """

    noun: str  # “通报”
    named: str  # “督查通报”
    words: tuple[str, ...]
    needed: tuple[str, ...]
    nothing: str  # what is said where one of these is
    lock: Callable[[Any, Role, User], Any]
    page: str
    about: Callable[[Any], str]
    send_out: Callable[[Any, datetime], None]
    keep: Callable[[Any, User, datetime], None] = _nothing
    why_stale: Callable[[Any], str | None] = _nothing
    ending: Callable[[Any], None] = _nothing

    # Editing ------------------------------------------------------------------------------------------

    def edition(self, paper: Any, *more: Any) -> str:
        """Changes with the words and the figures, and with what else a page shows (`more`, JSON-ready)."""
        counted = paper.counted_at and paper.counted_at.timestamp()  # in whatever zone it is held
        shown = [*(str(getattr(paper, name)) for name in self.words), counted, *more]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]

    @transaction.atomic
    def edit(self, paper: Any, values: Values, *, by: User, at: datetime, seen: str | None = None) -> Any:
        """Put other words into a draft. The same words again change nothing.

        `seen` is the `edition` that the person had before them. Raises NotYours, and NotAllowed when it is no
        draft (any more), when it no longer holds, when a needed text is empty, or when somebody has changed
        it since.
        """
        found = self.lock(paper, Role.OFFICER, by)
        self.require_state(found, PaperState.DRAFT)
        require(self.why_stale(found))
        if not all(str(values.get(name, getattr(found, name))).strip() for name in self.needed):
            raise NotAllowed(self.nothing)
        if all(getattr(found, name) == value for name, value in values.items()):
            return found
        if seen is not None and seen != self.edition(found):
            said = changed_by(found, by)
            raise NotAllowed(f"这份{self.noun}刚才{said}；下面是您填写的内容，请核对后再保存。")
        before = self.said(found)
        for name, value in values.items():
            setattr(found, name, value)
        found.edited_by, found.edited_at = by, at
        found.save(update_fields=[*values, "edited_by", "edited_at"])
        self.record(found, "change", by=by, at=at, detail=difference(before, self.said(found)))
        return found

    # Signing ------------------------------------------------------------------------------------------

    @transaction.atomic
    def submit(self, paper: Any, *, by: User, at: datetime, seen: str | None = None) -> Any:
        """Put a draft before the leaders of the host, who are told. A second press changes nothing.

        Raises NotYours, and NotAllowed when it is over, it no longer holds, somebody has changed it since
        `seen`, or nobody could sign it.
        """
        found = self.lock(paper, Role.OFFICER, by)
        if found.state == PaperState.TO_SIGN:
            return found
        self.require_state(found, PaperState.DRAFT)
        require(self.why_stale(found))
        if seen is not None and seen != self.edition(found):
            raise NotAllowed(f"这份{self.noun}刚才{changed_by(found, by)}，请重新阅读后再送签。")
        if not people_of(found.host, Role.LEADER):
            raise NotAllowed("主办单位没有在用的局领导账号，无人签发，请联系系统管理员。")
        found.state, found.note = PaperState.TO_SIGN, ""
        found.save(update_fields=["state", "note"])
        self.record(found, "submit", by=by, at=at)
        self.tell_host(found, Role.LEADER, "submit", f"有{self.named}等待您签发", "", at)
        return found

    @transaction.atomic
    def take_back(self, paper: Any, *, by: User, at: datetime) -> Any:
        """The officer wants to change it before it is signed: a draft again. A second press changes nothing.

        Raises NotYours, and NotAllowed when it is over or no longer holds.
        """
        found = self.lock(paper, Role.OFFICER, by)
        if found.state == PaperState.DRAFT:
            return found
        self.require_state(found, PaperState.TO_SIGN)
        require(self.why_stale(found))
        found.state = PaperState.DRAFT
        found.save(update_fields=["state"])
        self.record(found, "take_back", by=by, at=at)
        return found

    @transaction.atomic
    def give_back(self, paper: Any, reason: str, *, by: User, at: datetime) -> Any:
        """The leader wants it otherwise: a draft again, and the officers are told why. A second press changes
        nothing. Raises NotYours, and NotAllowed without a reason or when it does not wait for a signature."""
        found = self.lock(paper, Role.LEADER, by)
        reason = _reason(reason, "请写明退回的原因。")
        if (found.state, found.note) == (PaperState.DRAFT, reason):
            return found
        self.require_state(found, PaperState.TO_SIGN)
        found.state, found.note = PaperState.DRAFT, reason
        found.save(update_fields=["state", "note"])
        self.record(found, "give_back", by=by, at=at, note=reason)
        said = f"{self.named}已退回，请修改后重新送签"
        self.tell_host(found, Role.OFFICER, "give_back", said, f"退回原因：{reason}", at)
        return found

    @transaction.atomic
    def sign(
        self,
        paper: Any,
        *,
        by: User,
        at: datetime,
        seen: str | None = None,
        shown: Callable[[Any], str] | None = None,
    ) -> Any:
        """Sign, and send it out. A second press changes nothing.

        `seen` is what `shown` (by default `edition`) gave when the leader read it. Raises NotYours, and
        NotAllowed when it does not wait for a signature, it no longer holds, or it reads otherwise by now.
        """
        found = self.lock(paper, Role.LEADER, by)
        if found.state == PaperState.SENT and found.signed_by_id == by.pk:
            return found
        self.require_state(found, PaperState.TO_SIGN)
        require(self.why_stale(found))
        if seen is not None and seen != (shown or self.edition)(found):
            raise NotAllowed(f"您阅读以后，{self.noun}或报送情况又有变化，请重新阅读后再签发。")
        found.state, found.signed_by, found.ended_at = PaperState.SENT, by, at
        self.keep(found, by, at)
        found.save()
        self.record(found, "sign", by=by, at=at)
        self.send_out(found, at)
        return found

    @transaction.atomic
    def discard(self, paper: Any, reason: str, *, by: User, at: datetime) -> Any:
        """Not to be sent, for good. A second press changes nothing.

        Raises NotYours, and NotAllowed without a reason or when it has been sent.
        """
        found = self.lock(paper, Role.OFFICER, by)
        reason = _reason(reason, "请写明不印发的原因。")
        if found.state == PaperState.DISCARDED:
            return found
        self.require_state(found, *PaperState.open())
        found.state, found.note, found.ended_at = PaperState.DISCARDED, reason, at
        self.ending(found)
        found.save()
        self.record(found, "discard", by=by, at=at, note=reason)
        return found

    # What they have in common -------------------------------------------------------------------------

    def require_state(self, paper: Any, *states: PaperState) -> None:
        if paper.state not in states:
            now = paper.get_state_display()
            raise NotAllowed(f"这份{self.noun}现在是“{now}”状态，不能这样办理；请刷新页面查看最新情况。")

    def tell_host(self, paper: Any, role: Role, verb: str, said: str, body: str, at: datetime) -> None:
        """Tell those who hold `role` over the host that it is their turn."""
        tell(
            people_of(paper.host, role),
            matter=f"{paper._meta.model_name}-{verb}:{paper.pk}:{at.isoformat()}",
            title=f"{said}：{self.about(paper)}",
            body="\n".join(filter(None, (paper.title, body))),
            url=reverse(self.page, args=[paper.pk]),
            at=at,
        )

    def said(self, paper: Any) -> Values:
        """The words, as the trail keeps them."""
        counted = paper.counted_at and paper.counted_at.isoformat()
        said = {name: getattr(paper, name) for name in self.words}
        return said | {"counted_at": counted, "state": paper.state}

    def record(
        self,
        paper: Any,
        verb: str,
        *,
        by: User | None,
        at: datetime,
        note: str = "",
        detail: Values | None = None,
    ) -> None:
        said = f"{paper.title}{f'：{note}' if note else ''}"
        detail = (detail or {}) | ({"note": note} if note else {})
        noun = paper._meta.model_name
        audit.record(f"{noun}.{verb}", at=at, by=by, target=paper, summary=said, detail=detail)


def _reason(typed: str, missing: str) -> str:
    if not (reason := typed.strip()):
        raise NotAllowed(missing)
    return reason[: Outgoing._meta.get_field("note").max_length]
