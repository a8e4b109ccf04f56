"""Small makers of rows. Time is always passed in; the days around `NOW` are those of the demo plan.

`county()` builds the tree that most tests stand in; `ready_plan()` a campaign that may be published;
`assigned()` publishes one and hands over a school's assignment.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from campaigns.enums import CampaignKind, LeadershipRole, RequirementKind
from campaigns.models import Campaign, Leadership, Occurrence, Phase, Requirement, Topic
from notices.workdays import end_of
from portal.files.kinds import FileKind
from portal.models import Job, JobProgress, StoredFile
from schools.enums import Role, UnitKind
from schools.models import Membership, Pairing, Responsibility, Unit, User
from schools.pinyin import initials
from schools.services.people import default_scope
from submissions.models import Assignment, Submission, Version
from submissions.services import drafts, publishing, submitting


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """An instant of 2026 in Asia/Shanghai."""
    return timezone.make_aware(datetime(2026, month, day, hour, minute))


NOW = at(3, 2)
LAST_DAY = date(2026, 4, 30)
DUE = end_of(LAST_DAY)


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    name = factory.Sequence(lambda n: f"示例小学{n}")
    pinyin = factory.LazyAttribute(lambda made: initials(made.name))
    kind = UnitKind.PRIMARY


class UserFactory(DjangoModelFactory):
    """A person with an unusable password, unless one is given."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"张示例{n}")
    pinyin = factory.LazyAttribute(lambda made: initials(made.name))
    must_change_password = False

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        return model_class.objects.create_user(**fields)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    unit = factory.SubFactory(UnitFactory)
    role = Role.SECRETARY
    scope = factory.LazyAttribute(lambda made: default_scope(made.unit, made.role))
    started_at = NOW


def person(role: Role, unit: Unit, **fields: Any) -> User:
    """A new person holding `role` in `unit`; `fields` are the user's."""
    user = UserFactory(**fields)
    MembershipFactory(user=user, unit=unit, role=role)
    return user


class ResponsibilityFactory(DjangoModelFactory):
    """A leader answers for a school; give `section` and `leader=None` for a section."""

    class Meta:
        model = Responsibility

    leader = factory.SubFactory(UserFactory)
    unit = factory.SubFactory(UnitFactory)
    started_at = NOW


class PairingFactory(DjangoModelFactory):
    class Meta:
        model = Pairing

    unit = factory.SubFactory(UnitFactory)
    partner = factory.SubFactory(UnitFactory)
    started_at = NOW


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    title = factory.Sequence(lambda n: f"大讨论{n}")
    kind = CampaignKind.DISCUSSION
    host = factory.SubFactory(UnitFactory, kind=UnitKind.BUREAU, name="示例县教育局")
    starts_on = date(2026, 2, 1)
    ends_on = date(2026, 5, 31)


class PhaseFactory(DjangoModelFactory):
    class Meta:
        model = Phase

    campaign = factory.SubFactory(CampaignFactory)
    name = factory.Sequence(lambda n: f"阶段{n}")
    starts_on = date(2026, 3, 1)
    ends_on = LAST_DAY


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = Topic

    campaign = factory.SubFactory(CampaignFactory)
    position = factory.Sequence(lambda n: [n + 1])
    title = factory.Sequence(lambda n: f"专题{n}")


class LeadershipFactory(DjangoModelFactory):
    class Meta:
        model = Leadership

    campaign = factory.SubFactory(CampaignFactory)
    role = LeadershipRole.LEAD
    post = "局长"


class RequirementFactory(DjangoModelFactory):
    """By default: one to three essays from every primary and middle school."""

    class Meta:
        model = Requirement

    campaign = factory.SubFactory(CampaignFactory)
    phase = factory.SubFactory(PhaseFactory, campaign=factory.SelfAttribute("..campaign"))
    kind = RequirementKind.ESSAY
    title = factory.Sequence(lambda n: f"征文{n}")
    audience_kinds = [UnitKind.PRIMARY, UnitKind.MIDDLE]


class OccurrenceFactory(DjangoModelFactory):
    class Meta:
        model = Occurrence

    requirement = factory.SubFactory(RequirementFactory)
    due_at = DUE


class StoredFileFactory(DjangoModelFactory):
    """A row without bytes; `upload()` and the services make the real thing."""

    class Meta:
        model = StoredFile

    key = factory.Sequence(lambda n: f"00/00/{n:032x}")
    name = "体会文章.pdf"
    kind = FileKind.PDF
    size = 1
    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    uploaded_at = NOW


class JobFactory(DjangoModelFactory):
    """A waiting job that nobody has begun; give `state` and `finished_at` for one that has ended."""

    class Meta:
        model = Job
        skip_postgeneration_save = True

    kind = "test.work"
    title = factory.Sequence(lambda n: f"导出台账{n}")
    by = factory.SubFactory(UserFactory)
    created_at = NOW

    @factory.post_generation
    def progress(self, create: bool, extracted: None, **told: Any) -> None:
        JobProgress.objects.create(job=self, beat_at=NOW, **told)


@dataclass(frozen=True)
class County:
    """示例县教育局 ─ 党办, 东镇 ─ (school); middle school right under the bureau; with their people."""

    bureau: Unit
    section: Unit
    township: Unit
    school: Unit
    middle: Unit
    officer: User
    secretary: User


def county() -> County:
    bureau = UnitFactory(name="示例县教育局", kind=UnitKind.BUREAU)
    section = UnitFactory(name="党办", kind=UnitKind.SECTION, parent=bureau)
    township = UnitFactory(name="东镇", kind=UnitKind.TOWNSHIP, parent=bureau)
    school = UnitFactory(name="东镇中心小学", kind=UnitKind.PRIMARY, parent=township)
    middle = UnitFactory(name="示例县第一初级中学", kind=UnitKind.MIDDLE, parent=bureau)
    return County(
        bureau, section, township, school, middle,
        officer=person(Role.OFFICER, section), secretary=person(Role.SECRETARY, school),
    )  # fmt: skip


def ready_plan(place: County, **requirement: Any) -> Requirement:
    """A draft campaign of the county that passes the ready check, with one requirement due at `DUE`.

    `requirement` overrides its fields; `due_at` and `cutoff_at` are those of its occurrence.
    """
    timing = {name: requirement.pop(name) for name in ("due_at", "cutoff_at") if name in requirement}
    campaign = CampaignFactory(host=place.bureau, office=place.section)
    LeadershipFactory(campaign=campaign)
    made = RequirementFactory(campaign=campaign, **requirement)
    OccurrenceFactory(requirement=made, **timing)
    return made


def assigned(place: County, *, at: datetime = NOW, **requirement: Any) -> Assignment:
    """Publish a `ready_plan` and return what `place.school` owes."""
    made = ready_plan(place, **requirement)
    publishing.publish(made.campaign, by=place.officer, at=at)
    return Assignment.objects.get(unit=place.school, occurrence__requirement=made)


def drafted(
    owed: Assignment, by: User, *, number: int = 1, at: datetime = NOW, title: str = "一次家访"
) -> Submission:
    """Piece `number` of an assignment, as a draft with a title and a text."""
    return drafts.save_draft(owed.pk, number, drafts.Words(title=title, body="正文"), by=by, at=at).piece


def handed_in(
    owed: Assignment, by: User, *, number: int = 1, at: datetime = NOW, title: str = "一次家访"
) -> Version:
    """Piece `number` of an assignment, drafted and submitted."""
    return submitting.submit(drafted(owed, by, number=number, at=at, title=title), by=by, at=at)


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    + (
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n"
        b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n98\n%%EOF\n"
    )
)


def upload(name: str = "体会文章.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """What a browser sends."""
    return SimpleUploadedFile(name, content)
