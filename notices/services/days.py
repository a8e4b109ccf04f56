"""The writer of special days, and the alarm about years of which no holidays are known."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from notices import workdays
from notices.models import Notice, SpecialDays
from notices.services.alarms import keepers, technicians
from notices.services.telling import tell
from portal import audit
from portal.changes import difference, values_of
from schools.models import Unit, User

#: The State Council announces the holidays of a year in the November before.
ANNOUNCED_IN = 11
MATTER = "calendar:"


@transaction.atomic
def keep(row: SpecialDays, *, by: User, at: datetime) -> None:
    """Write `row`, new or changed; the same again changes nothing.

    Raises SpecialDays.DoesNotExist when it was removed meanwhile.
    """
    before = values_of(_locked(row)) if row.pk else {}
    row.save()
    if detail := difference(before, values_of(row)):
        verb, word = ("change", "修改") if before else ("create", "新增")
        _note(verb, f"{word}工作日调整“{row}”", row, detail, by=by, at=at)


@transaction.atomic
def remove(row: SpecialDays, *, by: User, at: datetime) -> None:
    """Take `row` away; what it said stays in the audit trail.

    Raises SpecialDays.DoesNotExist when it was removed already.
    """
    found = _locked(row)
    _note("delete", f"删除工作日调整“{found}”", found, {"before": values_of(found)}, by=by, at=at)
    found.delete()


def warn_of_unknown_years(at: datetime, years: Iterable[int]) -> list[int]:
    """Tell those who keep the special days, once a year of `years`, that its holidays are not known.

    Returns the years that are not.
    """
    unknown = [year for year in sorted(set(years)) if not workdays.is_known(date(year, 1, 1))]
    for year in unknown:
        tell(
            _keepers(),
            matter=f"{MATTER}{year}",
            title=f"平台尚无{year}年的放假安排",
            body=(
                f"已有报送任务在{year}年到期，但平台尚无这一年的放假安排，暂以周一至周五为工作日推算期限和"
                "催办时间。国务院办公厅公布放假安排后，请在“工作日调整”中登记放假和调休上班的日期。"
            ),
            url=reverse("admin:notices_specialdays_changelist"),
            at=at,
        )
    return unknown


def unknown_years(at: datetime) -> list[int]:
    """The years to be seen to at `at` of which no holidays are known: this one, the next once it should
    have been announced, and those that were warned of."""
    today = timezone.localdate(at)
    years = {today.year} | ({today.year + 1} if today.month >= ANNOUNCED_IN else set())
    warned = Notice.objects.filter(recipient__in=_keepers(), matter__startswith=MATTER)
    years |= {int(matter.removeprefix(MATTER)) for matter in warned.values_list("matter", flat=True)}
    return [year for year in sorted(years) if year >= today.year and not workdays.is_known(date(year, 1, 1))]


def _keepers() -> list[int]:
    """Those (ids) who may enter special days, which hold for every unit: the administrators of the only top,
    of several trees the technical accounts; else all administrators."""
    tops = list(Unit.objects.tops())
    if len(tops) == 1:
        return keepers(tops[0]) or keepers()
    return technicians() or keepers()


def _locked(row: SpecialDays) -> SpecialDays:
    return SpecialDays.objects.select_for_update().get(pk=row.pk)


def _note(verb: str, summary: str, row: SpecialDays, detail: dict, *, by: User, at: datetime) -> None:
    """The trail, and what this process knows of special days: anew now, and once others may see it."""
    audit.record(f"special_days.{verb}", at=at, by=by, target=row, summary=summary, detail=detail)
    workdays.forget()
    transaction.on_commit(workdays.forget)
