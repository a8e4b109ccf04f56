"""Whose work a person may see, touch and decide on: QuerySets narrowed by scope; outsiders get 404."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from campaigns.enums import CampaignState
from campaigns.models import Basis, Campaign, Requirement
from portal.models import StoredFile
from schools.access import Scope, scope_of, units_for
from schools.enums import Role, UnitKind
from schools.models import STEP, Membership, Unit, User
from submissions.enums import (
    Act,
    AssignmentState,
    EventKind,
    ExhibitState,
    ExtensionState,
    PieceState,
    ReviewStep,
    SuggestionState,
)
from submissions.models import (
    Assignment,
    AssignmentEvent,
    AssignmentQuerySet,
    Draft,
    Exhibit,
    ExtensionRequest,
    Submission,
    Suggestion,
    Version,
)

PATH_LENGTH = Unit._meta.get_field("path").max_length
ON_ASSIGNMENT, ON_PIECE = "", "assignment__"  # paths to the assignment


def readable(user: User) -> AssignmentQuerySet:
    """Assignments of the person's own units and of the subtrees they oversee."""
    return Assignment.objects.in_scope(_reading(user))


def own(user: User) -> AssignmentQuerySet:
    """Assignments of units the person serves or heads."""
    return Assignment.objects.in_scope(scope_of(user, *Role.own_unit()))


def writable(user: User) -> AssignmentQuerySet:
    """Assignments the person hands in for."""
    return Assignment.objects.in_scope(scope_of(user, Role.SECRETARY))


def signable(user: User) -> AssignmentQuerySet:
    """Assignments whose pieces the person signs as the unit's head."""
    return Assignment.objects.in_scope(scope_of(user, Role.HEAD))


def reviewable(user: User) -> AssignmentQuerySet:
    """Assignments that the person oversees as an officer; whose turn it is, `queue` says."""
    return Assignment.objects.in_scope(scope_of(user, Role.OFFICER))


def versions(user: User) -> QuerySet[Version]:
    """Versions the person may read: all of their own units, elsewhere those that reached the bureau.

    What the head has not signed is the school's own business, like a draft.
    """
    mine = scope_of(user, *Role.own_unit()).narrow("submission__assignment__unit")
    return Version.objects.filter(mine | _received(user))


def received(user: User) -> QuerySet[Version]:
    """Versions that reached the bureau, of units that the person oversees."""
    return Version.objects.filter(_received(user))


def _received(user: User) -> Q:
    reached = AssignmentEvent.objects.filter(version=OuterRef("pk"), kind__in=EventKind.handing_in())
    overseen = scope_of(user, *Role.overseeing()).narrow("submission__assignment__unit")
    return overseen & Exists(reached)


def files(user: User) -> QuerySet[StoredFile]:
    """Files the person may download: those of readable versions, drafts of their own units only, what
    the plans they work by give out, and what lies on the shelf for them."""
    drafts = Draft.objects.filter(scope_of(user, *Role.own_unit()).narrow("submission__assignment__unit"))
    return StoredFile.objects.filter(
        Q(pk__in=versions(user).values("files"))
        | Q(pk__in=drafts.values("files"))
        | Q(pk__in=_templates(user).values("template_file"))
        | Q(pk__in=_papers(user).values("file"))
        | Q(pk__in=exhibits(user).values("version__files"))
    )


# The shelf of 优秀成果 -------------------------------------------------------------------------------


def hosts(user: User, campaign: Campaign) -> bool:
    """Whether the campaign is hosted in the person's scope as an officer."""
    return scope_of(user, Role.OFFICER).covers(campaign.host)


def hosted(user: User) -> AssignmentQuerySet:
    """Assignments that the person oversees as an officer, of campaigns hosted in their scope."""
    mine = scope_of(user, Role.OFFICER).narrow("occurrence__requirement__campaign__host")
    return reviewable(user).filter(mine)


def accepted() -> QuerySet[Version]:
    """What was accepted finally, as it stands: of pieces opened again, or corrected since, nothing."""
    newer = Version.objects.filter(submission=OuterRef("submission"), number__gt=OuterRef("number"))
    return Version.objects.filter(~Exists(newer), submission__state=PieceState.ACCEPTED)


def shown() -> QuerySet[Exhibit]:
    """What is on the shelf, for whomever: with consent, and as it was accepted."""
    return Exhibit.objects.filter(state=ExhibitState.SHOWN, version__in=accepted())


def exhibits(user: User) -> QuerySet[Exhibit]:
    """What the person finds on the shelf: of campaigns hosted by a unit above one they belong to or
    oversee, by that unit itself, or below one they oversee."""
    host = "version__submission__assignment__occurrence__requirement__campaign__host"
    posts = [one for one in user.active_memberships if one.role in (*Role.own_unit(), *Role.overseeing())]
    above = {path for one in posts for unit in (one.unit, one.scope) for path in unit.ancestor_paths()}
    overseen = scope_of(user, *Role.overseeing()).narrow(host)
    return shown().filter(overseen | Q(**{f"{host}__path__in": above}))


def own_exhibits(user: User) -> QuerySet[Exhibit]:
    """Chosen work of the units that the person serves or heads, shown or not: theirs to consent to."""
    mine = scope_of(user, *Role.own_unit())
    return Exhibit.objects.filter(mine.narrow("version__submission__assignment__unit"))


def _templates(user: User) -> QuerySet[Requirement]:
    """Requirements whose 模板 the person may have: asked of their units, or hosted in their scope."""
    asked = readable(user).filter(occurrence__requirement=OuterRef("pk"))
    hosted = Q(campaign__host__in=units_for(user, *Role.overseeing()), issued_at__isnull=False)
    drafted = Q(campaign__host__in=units_for(user, Role.OFFICER))
    return Requirement.objects.filter(Exists(asked) | hosted | drafted)


def _papers(user: User) -> QuerySet[Basis]:
    """依据文件 of the plans that the person owes something in, or that are hosted in their scope."""
    asked = readable(user).filter(occurrence__requirement__campaign=OuterRef("campaign"))
    hosted = Q(campaign__host__in=units_for(user, *Role.overseeing()))
    drafted = Q(campaign__host__in=units_for(user, Role.OFFICER))
    return Basis.objects.filter(
        (Q(campaign__state__in=CampaignState.visible()) & (Exists(asked) | hosted)) | drafted
    )


# Suggestions ----------------------------------------------------------------------------------------


def suggestion_campaigns(user: User, *roles: Role) -> QuerySet[Campaign]:
    """Plans, once published, that are hosted in the person's scope: their suggestions are read and answered
    there, whichever unit below made them."""
    return Campaign.objects.visible().filter(host__in=units_for(user, *(roles or Role.overseeing())))


def suggestions(user: User, *roles: Role) -> QuerySet[Suggestion]:
    """Suggestions of those plans."""
    return Suggestion.objects.filter(campaign__in=suggestion_campaigns(user, *roles))


def unanswered_suggestions(user: User, *roles: Role) -> QuerySet[Suggestion]:
    """Those that wait for the bureau's answer."""
    return suggestions(user, *roles).filter(state=SuggestionState.NEW)


def proposed_suggestions(user: User) -> QuerySet[Suggestion]:
    """What the person's own units propose; of a merged one they may read the main one's answer alone."""
    mine = Suggestion.objects.filter(scope_of(user, *Role.own_unit()).narrow("unit"))
    return mine.exclude(state=SuggestionState.WITHDRAWN)


def entrusted_suggestions(user: User) -> QuerySet[Suggestion]:
    """What the person's own units were given to carry out; who proposed it is not theirs to know."""
    return Suggestion.objects.filter(scope_of(user, *Role.own_unit()).narrow("responsible"))


def finishable_suggestions(user: User) -> QuerySet[Suggestion]:
    """What the person may say to be done, for the host or for the responsible unit."""
    return suggestions(user, Role.OFFICER) | entrusted_suggestions(user)


# Deciding --------------------------------------------------------------------------------------------


def queue(user: User) -> QuerySet[Submission]:
    """Pieces waiting for this person's decision in the step that is theirs, oldest first."""
    first = _first_word(user, ON_PIECE) & Q(state=PieceState.PENDING)
    only = Q(state=PieceState.PENDING) & ~_in_two_steps(ON_PIECE)
    last = Q(state=PieceState.FIRST_PASSED)
    mine = first | (_last_word(user, ON_PIECE) & (only | last))
    waiting = Submission.objects.filter(mine, state__in=PieceState.undecided())
    waiting = waiting.exclude(assignment__state=AssignmentState.CANCELLED)
    return waiting.order_by("handed_in_at", "pk")


def extension_requests(user: User) -> QuerySet[ExtensionRequest]:
    """Requests for more time that are the officer's to answer: of campaigns hosted in their scope."""
    host = "assignment__occurrence__requirement__campaign__host"
    return ExtensionRequest.objects.filter(scope_of(user, Role.OFFICER).narrow(host))


def extension_queue(user: User) -> QuerySet[ExtensionRequest]:
    """Those that wait for the officer's answer, oldest first.

    An open request whose task has been settled otherwise waits for nothing (`rules.why_no_answer`).
    """
    waiting = extension_requests(user).filter(
        state=ExtensionState.OPEN,
        until__gt=F("assignment__due_at"),
        assignment__state__in=AssignmentState.unfinished(),
        assignment__occurrence__requirement__campaign__state=CampaignState.PUBLISHED,
    )
    return waiting.order_by("asked_at", "pk")


def step_of(piece: Submission) -> tuple[Act, ReviewStep]:
    """What accepting the piece would be now, passing it on or the last word, and in which step."""
    if piece.state == PieceState.FIRST_PASSED:
        return Act.ACCEPT, ReviewStep.FINAL
    if Submission.objects.filter(_in_two_steps(ON_PIECE), pk=piece.pk).exists():
        return Act.PASS_FIRST, ReviewStep.FIRST
    return Act.ACCEPT, ReviewStep.FIRST


def has_last_word(user: User, assignment: Assignment) -> bool:
    """Whether the officer decides finally on what is handed in for `assignment`."""
    return finally_decided(user).filter(pk=assignment.pk).exists()


def finally_decided(user: User) -> AssignmentQuerySet:
    """Assignments on which the officer has the last word."""
    return Assignment.objects.filter(_last_word(user, ON_ASSIGNMENT))


def why_not_yours(piece: Submission, user: User) -> str | None:
    """Why `user` may not decide on a piece that waits for a decision."""
    if queue(user).filter(pk=piece.pk).exists():
        return None
    if step_of(piece)[0] == Act.PASS_FIRST:
        return "这篇材料先由报送单位所属的区县局初审，您不能审核。"
    return why_no_last_word(piece.assignment)


def why_no_last_word(assignment: Assignment) -> str:
    """Whose the last word is, for somebody whose it is not."""
    if able_reviewers().filter(requirement=assignment.requirement).exists():
        return "这项材料由指定的审核人审核。"
    return "这项材料由主办单位终审，您不能审核。"


def _in_two_steps(path: str) -> Q:
    """Rows first read by a district bureau: the plan asks for it, and one stands between unit and host."""
    requirement = f"{path}occurrence__requirement"
    host, unit = f"{requirement}__campaign__host", f"{path}unit"
    # The ancestors by their paths: found in the index, unlike all units whose path the unit's begins with.
    above = [Left(OuterRef(f"{unit}__path"), length) for length in range(STEP, PATH_LENGTH, STEP)]
    between = (
        Unit.objects.filter(
            kind=UnitKind.DISTRICT, path__in=above, path__startswith=OuterRef(f"{host}__path")
        )
        .exclude(pk=OuterRef(host))
        .exclude(pk=OuterRef(unit))
    )
    return Q(**{f"{requirement}__district_first": True}) & Q(Exists(between))


def _first_word(user: User, path: str) -> Q:
    """Rows in two steps below a district bureau whose officer `user` is."""
    mine = Q(pk__in=[])
    for post in officer_posts(user):
        if post.scope.kind == UnitKind.DISTRICT:
            above = post.scope.ancestor_paths()[:-1]
            mine |= (
                Q(**{f"{path}unit__path__startswith": post.scope.path})
                & ~Q(**{f"{path}unit": post.scope})
                & Q(**{f"{path}occurrence__requirement__campaign__host__path__in": above})
            )
    return mine & _in_two_steps(path)


def _last_word(user: User, path: str) -> Q:
    """Rows that `user` decides on finally: as a named reviewer where any are named, and in two steps
    from above the district bureau alone."""
    host = f"{path}occurrence__requirement__campaign__host"
    mine = Q(pk__in=[])
    for post in officer_posts(user):
        district = Unit.objects.filter(
            kind=UnitKind.DISTRICT,
            path__in=post.scope.ancestor_paths(),
            path__startswith=OuterRef(f"{host}__path"),
        ).exclude(pk=OuterRef(host))
        reach = Q(**{f"{path}unit__path__startswith": post.scope.path})
        # A unit that came from elsewhere brings work that another bureau asked for: not theirs to accept.
        above = Q(**{f"{host}__path__in": post.scope.ancestor_paths()})
        reach &= above | Q(**{f"{host}__path__startswith": post.scope.path})
        # What a bureau owes to a higher one, its own officers do not accept.
        reach &= ~Q(**{f"{path}unit": post.scope}) | Q(**{host: post.scope})
        mine |= reach & (~_in_two_steps(path) | ~Exists(district))
    named = able_reviewers().filter(requirement=OuterRef(f"{path}occurrence__requirement"))
    return mine & (~Exists(named) | Exists(named.filter(user=user)))


def able_reviewers() -> QuerySet:
    """Pairs of requirements and named reviewers who can still act; where none is left, officers do."""
    posts = Membership.objects.filter(user=OuterRef("user"), role=Role.OFFICER, ended_at=None)
    return Requirement.reviewers.through.objects.filter(Exists(posts), user__is_active=True)


def officer_posts(user: User) -> list[Membership]:
    """The posts in which the person decides on work."""
    return [post for post in user.active_memberships if post.role == Role.OFFICER]


def _reading(user: User) -> Scope:
    return scope_of(user, *Role.own_unit(), *Role.overseeing())
