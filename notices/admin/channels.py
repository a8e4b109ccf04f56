"""Mail servers and group robots in the admin: set up, tried out, taken out of use, never deleted."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from notices.access import channels_within_reach
from notices.admin.channel_forms import ChannelForm, MailForm, RobotForm
from notices.enums import ChannelKind, Outcome
from notices.models import Attempt, Channel
from notices.services import channels
from portal.admin import PortalModelAdmin
from portal.models import AuditEvent
from schools.admin.base import ByPerson
from schools.enums import Role
from schools.rules import NotAllowed

USES = {
    ChannelKind.MAIL: "用本单位的发信服务器给个人发提醒邮件",
    ChannelKind.DINGTALK: "在钉钉工作群里通报",
    ChannelKind.WECOM: "在企业微信工作群里通报",
    ChannelKind.FEISHU: "在飞书工作群里通报",
}
LEVELS = {Outcome.ACCEPTED: messages.SUCCESS, Outcome.BUSY: messages.WARNING}


@admin.register(Channel)
class ChannelAdmin(ByPerson, PortalModelAdmin):
    chosen_as = (Role.SYSTEM,)
    list_display = ("name", "unit", "kind", "is_active", "last_sent", "last_tested")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "unit__name", "unit__pinyin")
    search_help_text = "可按通道名称、单位名称或拼音首字母查找。"
    autocomplete_fields = ("unit",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        """Those within reach, each with the outcomes of its last message and its last test."""
        ended = Attempt.objects.filter(channel=OuterRef("pk")).exclude(outcome=Outcome.BEGUN).order_by("-pk")
        target = Concat(Value(f"{Channel._meta.label_lower}:"), OuterRef("pk"), output_field=CharField())
        tests = AuditEvent.objects.filter(target=target, action="channel.answer").order_by("-at", "-pk")
        found = channels_within_reach(request.user).select_related("unit")
        return found.annotate(
            said_last=Subquery(ended.values("outcome")[:1]),
            said_to_test=Subquery(tests.values("detail__outcome")[:1]),
        )

    @admin.display(description="最近发送")
    def last_sent(self, channel: Channel) -> str:
        return _in_words(channel.said_last)

    @admin.display(description="最近测试")
    def last_tested(self, channel: Channel) -> str:
        return _in_words(channel.said_to_test)

    def get_form(self, request: HttpRequest, obj: Channel | None = None, **kwargs: Any) -> type[ChannelForm]:
        kind = obj.kind if obj else request.GET.get("kind", "")
        kwargs["form"] = MailForm if kind == ChannelKind.MAIL else RobotForm
        form = super().get_form(request, obj, **kwargs)
        form.kind = kind
        return form

    def get_fieldsets(
        self, request: HttpRequest, obj: Channel | None = None
    ) -> list[tuple[str | None, dict]]:
        facts = ["unit", *(["kind"] if obj else []), "name", "is_active"]
        kind = obj.kind if obj else request.GET.get("kind", "")
        if kind == ChannelKind.MAIL:
            title, fields = "发信服务器", ["host", "port", "tls", "username", "new_secret", "sender"]
        else:
            title, fields = "群机器人", ["new_token"]
            if kind != ChannelKind.WECOM:
                fields += ["new_secret", *(["clear_secret"] if obj and obj.secret else [])]
        return [(None, {"fields": facts}), (title, {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Channel | None = None) -> tuple[str, ...]:
        return ("kind",) if obj else ()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """First the kind, then the form that goes with it."""
        if request.GET.get("kind") in ChannelKind.values:
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "title": "新增消息通道",
            "opts": self.opts,
            "kinds": [(kind, kind.label, use) for kind, use in USES.items()],
        }
        return TemplateResponse(request, "admin/notices/channel/kinds.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict, add: bool = False, change: bool = False, **kwargs: Any
    ) -> HttpResponse:
        response = super().render_change_form(request, context, add=add, change=change, **kwargs)
        if add:
            response.context_data["title"] = f"新增{ChannelKind(request.GET['kind']).label}通道"
        return response

    def save_model(self, request: HttpRequest, obj: Channel, form: ChannelForm, change: bool) -> None:
        typed = form.cleaned_data
        channels.save(
            obj,
            token=typed.get("new_token", ""),
            secret=typed.get("new_secret", ""),
            clear_secret=typed.get("clear_secret", False),
            at=timezone.now(),
            by=request.user,
        )

    def get_urls(self) -> list[URLPattern]:
        test = path("<int:pk>/test/", self.admin_site.admin_view(self.test_view), name="notices_channel_test")
        return [test, *super().get_urls()]

    @method_decorator(require_POST)
    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a test by what is stored, and show what the channel says."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        channel = self.get_object(request, str(pk))
        if channel is None:
            raise Http404
        try:
            answer = channels.send_test(channel, at=timezone.now(), by=request.user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            level = LEVELS.get(answer.outcome, messages.ERROR)
            messages.add_message(request, level, f"测试结果：{_in_words(answer.outcome)}。{answer.words}")
        return redirect("admin:notices_channel_change", pk)


def _in_words(outcome: str | None) -> str:
    return Outcome(outcome).label if outcome else "—"
