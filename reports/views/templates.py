"""Bureaus' own Word templates: the list, uploading one, its file, and the fields that it may use."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit, client
from portal.files.kinds import FileKind
from portal.files.refusal import Refused
from portal.files.serve import attachment
from reports import access
from reports.enums import ReportKind
from reports.forms_templates import TemplateForm
from reports.papers import examples
from reports.papers.field import COMMA, PARAGRAPH, Field, Sort
from reports.papers.fields import COMMON, OWN, context_of
from reports.papers.filling import Faulty
from reports.papers.sample import sample
from reports.services import templates
from reports.services.ordering import hosts_of
from schools.access import roles_required
from schools.enums import Role
from submissions.rules import NotAllowed

PER_PAGE = 30
EXAMPLE = 30  # characters of an example
#: Ways of writing, as the page shows them. Here and not in the page: djlint would set them right.
WAYS = {
    "single": "{{ 标题 }}",
    "kept": "{% if 发文字号 %}文号：{{ 发文字号 }}{% endif %}",
    "begin": "{%p if 开头语 %}",
    "turn": "{%p else %}",
    "end": "{%p endif %}",
    "compared": "{% if 版次 > 1 %}（修订）{% endif %}",
    "each": "{%p for 段 in 正文段落 %}",
    "word": "{{ 段.文字 }}",
    "last": "{%p endfor %}",
    "chinese": "{{ 版次|汉字 }}",
}


@require_safe
@roles_required(Role.OFFICER)
def list_templates(request: HttpRequest) -> HttpResponse:
    """Those that are offered, of the own bureaus and of those above."""
    found = access.templates(request.user).filter(retired_at=None).select_related("host", "file", "added_by")
    context = {
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "own": {host.pk for host in hosts_of(request.user)},
    }
    return render(request, "reports/paper_templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@roles_required(Role.OFFICER)
def add(request: HttpRequest) -> HttpResponse:
    """Upload one; every mistake in it is named."""
    hosts = hosts_of(request.user)
    if not hosts:
        raise PermissionDenied
    asked = request.GET.get("kind", "")
    initial = {"kind": asked if asked in ReportKind else ReportKind.PHASE}
    form = TemplateForm(request.POST or None, request.FILES or None, hosts=hosts, initial=initial)
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            made = templates.add(**_terms(form), by=request.user, at=timezone.now())
        except Faulty as faulty:
            problems = faulty.sentences
        except (Refused, NotAllowed) as refusal:
            form.add_error("file" if isinstance(refusal, Refused) else "name", str(refusal))
        else:
            messages.success(
                request, f"模板“{made.name}”已检查通过并保存，编辑{made.get_kind_display()}时可以套用。"
            )
            return redirect("paper_templates")
    status = 422 if request.method == "POST" else 200
    return render(
        request, "reports/paper_template_new.html", {"form": form, "problems": problems}, status=status
    )


def _terms(form: TemplateForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("host", "kind", "name")} | {
        "upload": form.cleaned_data["file"]
    }


@require_POST
@roles_required(Role.OFFICER)
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer one no longer."""
    found = get_object_or_404(access.templates(request.user), pk=pk)
    try:
        templates.retire(found, by=request.user, at=timezone.now())
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    messages.success(request, f"模板“{found.name}”已停用，已经套用它的报告不受影响。")
    return redirect("paper_templates")


@require_safe
@roles_required(Role.OFFICER)
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Its file, to be looked at or changed; every download is logged."""
    found = get_object_or_404(access.templates(request.user).select_related("file"), pk=pk)
    audit.record(
        "file.download",
        at=timezone.now(),
        by=request.user,
        target=found.file,
        summary=found.file.name,
        address=client.address(request),
    )
    return attachment(found.file)


@require_safe
@roles_required(Role.OFFICER)
def sample_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """A template to begin from."""
    if kind not in ReportKind:
        raise Http404
    name = f"{ReportKind(kind).label}示例模板.docx"
    return FileResponse(
        BytesIO(sample(kind)), as_attachment=True, filename=name, content_type=FileKind.DOCX.content_type
    )


# The page of fields -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A list of fields as the page shows it: how a table row goes through it, and the fields of its rows.

    `opened` and `closed` are what stands before and behind, with those of the list that it belongs to.
    """

    name: str
    field: Field
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    lines: list[tuple[str, str, str]]


@require_safe
@roles_required(Role.OFFICER)
def fields(request: HttpRequest) -> HttpResponse:
    """Every field of one kind with its meaning, how it is written, and an example."""
    kind = request.GET.get("kind", ReportKind.PHASE)
    if kind not in ReportKind:
        raise Http404
    example = context_of(kind, examples.source_of(kind))
    own = OWN[ReportKind(kind)]
    context = {
        "first": (first := next(_lists(own, example))),
        "ways": WAYS | _ways(first),
        "kind": ReportKind(kind),
        "kinds": [(one, f"{reverse('paper_fields')}?kind={one}") for one in ReportKind],
        "parts": [
            (name, list(_single(found, example)), list(_lists(found, example)))
            for name, found in (
                ("各类报告都有的", COMMON),
                (f"{ReportKind(kind).label}的", OWN[ReportKind(kind)]),
            )
        ],
    }
    return render(request, "reports/paper_fields.html", context)


def _ways(one: Listed) -> dict[str, str]:
    """Ways of writing a list."""
    each, name, written = one.field.each, one.field.name, one.lines[1][0]
    listed = f"{{% for {each} in {name} %}}{written}{{{{ {each}.{COMMA} }}}}{{% endfor %}}"
    return {"listed": listed, "counted": f"{{{{ {name}|个数 }}}}"}


def _single(
    found: tuple[Field, ...], example: dict[str, Any], inside: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Fields that are filled as they stand: how they are written, what they mean, an example."""
    for one in found:
        name = f"{inside}{one.name}"
        if one.sort == Sort.GROUP:
            yield from _single(one.inside, example[one.name], f"{name}.")
        elif one.sort != Sort.ROWS:
            yield f"{{{{ {name} }}}}", one.meaning, _shown(example[one.name])


def _lists(
    found: tuple[Field, ...],
    example: dict[str, Any],
    above: str = "",
    inside: str = "",
    opened: tuple[str, ...] = (),
    closed: tuple[str, ...] = (),
) -> Iterator[Listed]:
    for one in found:
        if one.sort != Sort.ROWS:
            continue
        around = (*opened, f"{{%{one.tag} for {one.each} in {inside}{one.name} %}}")
        behind = (f"{{%{one.tag} endfor %}}", *closed)
        rows = example[one.name]
        row = rows[0] if rows else dict.fromkeys((each.name for each in one.inside), "")
        yield Listed(
            f"{above}{one.name}", one, around, behind, list(_single(one.inside, row, f"{one.each}."))
        )
        yield from _lists(one.inside, row, f"{above}{one.name} › ", f"{one.each}.", around, behind)


def _shown(value: str | int) -> str:
    line = str(value).replace(PARAGRAPH, " ")
    return line if len(line) <= EXAMPLE else f"{line[:EXAMPLE]}…"
