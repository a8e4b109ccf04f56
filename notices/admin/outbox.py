"""The operator's page: what left the house or could not, by what way and with what answer.

Title and body of the messages are not shown: they are a matter of the schools that they are about, and
whoever keeps the servers running has no need to read them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from notices.access import channels_within_reach, deliveries_within_reach
from notices.admin.panel import ENOUGH, panel
from notices.channels.attempts import masked
from notices.enums import DeliveryState
from notices.models import Delivery
from notices.services.resending import hasten, resend
from notices.templatetags.days import day_of
from portal.admin import PortalModelAdmin
from schools.models import Membership, User

#: So many groups are offered as a filter, the others are found by searching; so many messages go again at
#: one press.
OFFERED, AT_ONCE = 30, 500


class BoundedPaginator(Paginator):
    """Counts no more rows than anybody turns pages."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:ENOUGH].count()


class WayFilter(admin.SimpleListFilter):
    title = "通道"
    parameter_name = "way"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        groups = channels_within_reach(request.user).robots()[:OFFERED]
        return [("mail", "电子邮件"), *((str(group.pk), group.name) for group in groups)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "mail":
            return queryset.filter(channel=None)
        return queryset.filter(channel=self.value()) if (self.value() or "").isdecimal() else queryset


@admin.register(Delivery)
class DeliveryAdmin(PortalModelAdmin):
    """Looked at by those who administer; the one thing they can do is to have a message sent again."""

    list_display = ("made", "state", "to_whom", "manner", "tries", "next_try", "said")
    list_display_links = ("made",)
    list_filter = ("state", "manner", WayFilter)
    list_select_related = ("recipient", "channel__unit")
    search_fields = ("recipient__name", "recipient__username", "channel__name")
    search_help_text = "按收件人的姓名、用户名或工作群名称查找，须完整填写。"
    sortable_by = ()
    show_full_result_count = False
    paginator = BoundedPaginator
    fields = ("made", "to_whom", "manner", "state", "tries", "next_try", "ended_at", "said")
    readonly_fields = fields
    change_list_template = "admin/notices/delivery/change_list.html"
    change_form_template = "admin/notices/delivery/change_form.html"

    # Columns

    @admin.display(description="生成时间")
    def made(self, delivery: Delivery) -> str:
        return moment(delivery.made_at)

    @admin.display(description="发给")
    def to_whom(self, delivery: Delivery) -> str:
        if delivery.channel:
            return f"{delivery.channel}（{delivery.channel.unit}）"
        person = delivery.recipient
        places = "、".join(dict.fromkeys(post.unit.name for post in person.serving))
        address = masked(person.email) or "未填写邮箱"
        return f"{person.name}（{places}）{address}" if places else f"{person.name} {address}"

    @admin.display(description="下次发送")
    def next_try(self, delivery: Delivery) -> str:
        return moment(delivery.not_before) if delivery.state == DeliveryState.WAITING else "—"

    @admin.display(description="最近答复")
    def said(self, delivery: Delivery) -> str:
        return masked(delivery.answer) or "—"

    # Which

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        posts = Membership.objects.filter(ended_at=None).select_related("unit")
        found = deliveries_within_reach(request.user).defer("title", "body")
        return found.prefetch_related(Prefetch("recipient__memberships", posts, to_attr="serving"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By whole names, which indexes find: there are millions of rows to search."""
        if not (term := search_term.strip()):
            return queryset, False
        people = User.objects.filter(Q(name=term) | Q(username=term)).values_list("pk", flat=True)
        groups = channels_within_reach(request.user).filter(name=term).values_list("pk", flat=True)
        return queryset.filter(Q(recipient__in=list(people)) | Q(channel__in=list(groups))), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    # Pages

    def get_urls(self) -> list[URLPattern]:
        def address(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"notices_delivery_{name}")

        return [
            address("resend/", self.resend_all_view, "resend_all"),
            address("<int:pk>/resend/", self.resend_view, "resend"),
            address("<int:pk>/hasten/", self.hasten_view, "hasten"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        shown = panel(request.user, deliveries_within_reach(request.user), timezone.now())
        return super().changelist_view(request, {"panel": shown, "enough": ENOUGH, "at_once": AT_ONCE})

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        attempts = list(kwargs["obj"].attempts.all())
        for attempt in attempts:
            attempt.answer, attempt.via = masked(attempt.answer), masked(attempt.via)
        return super().render_change_form(request, context | {"attempts": attempts}, *args, **kwargs)

    @method_decorator(require_POST)
    def resend_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if resend([self._found(request, pk)], at=timezone.now(), by=request.user):
            messages.success(request, "已重新安排发送，结果稍后可在本页看到。")
        else:
            messages.warning(request, "这条消息没有重新发送：它不在发送失败状态，或已有更新的汇总代替。")
        return redirect("admin:notices_delivery_change", pk)

    @method_decorator(require_POST)
    def hasten_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if hasten(self._found(request, pk), at=timezone.now(), by=request.user):
            messages.success(request, "已安排立即再试，结果稍后可在本页看到；免打扰时段内的，时段过后再发。")
        else:
            messages.warning(request, "这条消息不需要再安排：它正在发送、已有结果，或者马上就会再试。")
        return redirect("admin:notices_delivery_change", pk)

    def _found(self, request: HttpRequest, pk: int) -> Delivery:
        """The message, if it is within the reach of whoever asks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    @method_decorator(require_POST)
    def resend_all_view(self, request: HttpRequest) -> HttpResponse:
        """All that failed, of those that the list was showing (its filters stand in the address)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        address = reverse("admin:notices_delivery_changelist")
        try:
            listed = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(address)
        failed = listed.filter(state=DeliveryState.FAILED).order_by("pk")[:AT_ONCE]
        found = list(failed.prefetch_related(None))
        again = resend(found, at=timezone.now(), by=request.user)
        tell_result(request, len(found), again)
        return redirect(f"{address}?{request.GET.urlencode()}")


def tell_result(request: HttpRequest, found: int, again: int) -> None:
    left = found - again
    if not found:
        messages.warning(request, "当前筛选范围内没有发送失败的消息。")
        return
    said = f"已重新安排{again}条消息发送"
    if left:
        said += f"，另有{left}条已有更新的汇总代替，不再发送"
    if found == AT_ONCE:
        said += f"；每次最多处理{AT_ONCE}条，如仍有失败的消息，请再次点击"
    messages.success(request, f"{said}。")


def moment(at: datetime) -> str:
    """“4月30日 08:00”; with its year unless it is this year's."""
    here = timezone.localtime(at)
    return f"{day_of(here.date())} {here:%H:%M}"
