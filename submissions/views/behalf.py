"""代报: the officer's form for a unit that cannot hand in by itself."""

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal.files import store
from portal.ids import as_id
from portal.models import StoredFile
from schools.access import roles_required
from schools.enums import Role
from submissions import access
from submissions.forms import ReasonForm
from submissions.forms_piece import PieceForm
from submissions.models import Assignment, Draft, Submission, Version, VersionValue
from submissions.rules import NotAllowed, allowed_kinds, extensions_of, why_no_behalf, why_no_more_behalf
from submissions.services import on_behalf
from submissions.views.receiving import take_each

SALT = "submissions.on_behalf"
REASON = "代报原因"


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in for a unit: a new piece, or with `piece` the correction of a returned one.

    Files that were good stay with the form (`kept`, signed) when something else is refused.
    """
    assignment = get_object_or_404(access.reviewable(request.user).with_plan(), pk=pk)
    if not access.hosts(request.user, assignment.requirement.campaign):
        raise PermissionDenied
    corrections = {piece.number: piece for piece in on_behalf.corrections(assignment)}
    number = _number(request)
    if request.method != "POST" and number is not None and number not in corrections:
        raise Http404
    corrected = corrections.get(number)
    form = _form(request, assignment, corrected)
    reason_form = ReasonForm(request.POST or None, label=REASON)
    refusals: list[str] = []
    files = list(corrected.draft.files.order_by("draft_files__pk")) if corrected else []
    if request.method == "POST":
        files = _kept(request, assignment)
        refusals = _store(request.FILES.getlist("files"), files, request, assignment)
        if form.is_valid() & reason_form.is_valid() and not refusals:
            try:
                return _done(request, assignment, form, files, reason_form, number)
            except NotAllowed as refusal:
                refusals = [str(refusal)]
    context = {
        "assignment": assignment,
        "requirement": assignment.requirement,
        "form": form,
        "reason_form": reason_form,
        "corrections": corrections.values(),
        "corrected": corrected,
        "blocked": _why_blocked(assignment, corrected),
        "kept": [(stored, _note(stored, assignment, request)) for stored in files],
        "refusals": refusals,
        "max_files": settings.UPLOAD_MAX_FILES,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        "extensions": extensions_of(assignment.requirement),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "submissions/on_behalf.html", context, status=status)


def _form(request: HttpRequest, assignment: Assignment, corrected: Submission | None) -> PieceForm:
    return PieceForm(
        request.POST or None,
        request.FILES or None,
        # A copy for the page; only the service writes the draft.
        instance=corrected and Draft.objects.get(submission=corrected),
        assignment=assignment,
        last=VersionValue.objects.before(assignment),
    )


def _number(request: HttpRequest) -> int | None:
    """Which piece is corrected; None for a new one. 404 for what is no number."""
    sent = (request.POST if request.method == "POST" else request.GET).get("piece", "")
    if sent and as_id(sent) is None:
        raise Http404
    return as_id(sent)


def _why_blocked(assignment: Assignment, corrected: Submission | None) -> str | None:
    if (reason := why_no_behalf(assignment)) is not None:
        return reason
    return None if corrected else why_no_more_behalf(assignment, assignment.submissions.count())


def _done(
    request: HttpRequest,
    assignment: Assignment,
    form: PieceForm,
    files: list[StoredFile],
    reason_form: ReasonForm,
    number: int | None,
) -> HttpResponse:
    version: Version = on_behalf.hand_in(
        assignment,
        form.words(),
        files,
        by=request.user,
        at=timezone.now(),
        reason=reason_form.cleaned_data["reason"],
        number=number,
    )
    messages.success(request, f"已代{assignment.unit.name}报送《{version.title}》，并已通知该单位。")
    return redirect("version", version.pk)


# Files that wait for the rest of the form -----------------------------------------------------------


def _store(uploads: list, files: list[StoredFile], request: HttpRequest, assignment: Assignment) -> list[str]:
    """Store each upload and add it to `files`; returns what was refused, in sentences."""
    refusals = [on_behalf.CLEARED.format(one.name) for one in files if one.purged_at is not None]
    files[:] = [one for one in files if one.purged_at is None]
    if (reason := on_behalf.why_not_so_many(len(files) + len(uploads))) is not None:
        return [*refusals, reason]
    allowed = allowed_kinds(assignment.requirement)

    def take(upload: UploadedFile) -> None:
        files.append(store.save(upload, by=request.user, at=timezone.now(), allowed=allowed))

    return [*refusals, *take_each(uploads, take)]


def _note(stored: StoredFile, assignment: Assignment, request: HttpRequest) -> str:
    """What the form carries instead of the file: good for this person and assignment alone."""
    return signing.dumps([stored.pk, assignment.pk, request.user.pk], salt=SALT)


def _kept(request: HttpRequest, assignment: Assignment) -> list[StoredFile]:
    """The files whose notes came back, in their order; a note of somebody else's says nothing."""
    keys = []
    for note in request.POST.getlist("kept"):
        try:
            key, *whose = signing.loads(note, salt=SALT)
        except signing.BadSignature:
            continue
        if whose == [assignment.pk, request.user.pk]:
            keys.append(key)
    found = StoredFile.objects.in_bulk(keys)
    return [found[key] for key in dict.fromkeys(keys) if key in found]
