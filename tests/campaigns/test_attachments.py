"""Files of a plan: what was uploaded stays, even when the rest of the form is refused."""

import pytest
from django.conf import settings

from campaigns.models import Requirement
from portal.models import StoredFile
from tests import pages
from tests.campaigns.plan_pages import FORM, REQUIREMENT_FORM, add_requirement, change, requirement_values
from tests.factories import upload
from tests.pages import errors


def send(client, address, page, *, form=REQUIREMENT_FORM, **changes):
    data = pages.filled(page, form) | {"_save": "x"}
    files = {name: value for name, value in changes.items() if not isinstance(value, str | list)}
    for name, value in changes.items():
        data[name] = value if name in files else [value] if isinstance(value, str) else value
    return client.post(address, data)


def new(client, draft, **changes):
    address = add_requirement(draft)
    values = {name: str(v) if isinstance(v, int) else v for name, v in requirement_values(draft).items()}
    return send(client, address, client.get(address), **values | changes)


def test_a_template_for_the_material_is_stored_with_the_requirement(officer, draft, place):
    new(officer, draft, template_file=upload("报名表.pdf"))
    stored = Requirement.objects.get().template_file
    assert (stored.name, stored.uploaded_by) == ("报名表.pdf", place.officer)
    assert (settings.MEDIA_ROOT / stored.key).exists()


def test_an_upload_outlives_a_refused_form(officer, draft):
    refused = new(officer, draft, title="", template_file=upload("报名表.pdf"))
    assert refused.status_code == 200
    assert not Requirement.objects.exists()
    send(officer, add_requirement(draft), refused, title="征文")
    assert Requirement.objects.get().template_file == StoredFile.objects.get()


def test_what_is_refused_is_said_in_words_and_not_kept(officer, draft):
    response = new(officer, draft, template_file=upload("报名表.pdf", b"MZ program"))
    [said] = errors(response)
    assert "报名表.pdf" in said
    assert not StoredFile.objects.exists()


def test_a_template_may_be_taken_away_again(officer, draft):
    new(officer, draft, template_file=upload("报名表.pdf"))
    made = Requirement.objects.get()
    address = pages.address("campaigns_requirement", "change", made.pk)
    send(officer, address, officer.get(address), **{"template_file-clear": "on"})
    made.refresh_from_db()
    assert made.template_file is None
    assert StoredFile.objects.count() == 1


def test_somebody_elses_file_cannot_be_named(officer, draft):
    """The note of what is stored is signed."""
    new(officer, draft, **{"template_file-kept": "1"})
    assert Requirement.objects.get().template_file is None


@pytest.mark.parametrize("number", ["", "示教〔2026〕1号"])
def test_a_paper_comes_with_its_file(officer, plan, number):
    page = officer.get(change(plan.campaign))
    data = pages.filled(page, FORM)
    pages.add_row(data, "bases", title="通知", number=number)
    officer.post(change(plan.campaign), data | {"bases-0-file": upload("通知.pdf")})
    basis = plan.campaign.bases.get()
    assert (basis.file.name, basis.number) == ("通知.pdf", number)
