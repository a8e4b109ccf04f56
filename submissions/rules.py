"""“Allowed now?”, each answered with None or the sentence that says why not."""

from datetime import datetime

from campaigns.enums import CampaignState, RequirementKind
from campaigns.models import Requirement
from notices.workdays import last_day
from portal.files.kinds import FileKind
from portal.models import StoredFile
from schools.rules import NotAllowed
from submissions import sheets
from submissions.enums import Act, AssignmentState, ExtensionState, Override, PieceState
from submissions.models import Assignment, Draft, ExtensionRequest, Submission
from submissions.states import MOVES
from submissions.wordcount import count_words


class NotYours(NotAllowed):
    """It may be done, but not by the person who asked."""


def why_closed(assignment: Assignment, at: datetime, correct_by: datetime | None = None) -> str | None:
    """Why the unit cannot hand anything in at the instant `at`.

    After the cut-off only an extension opens the form, or, for a returned piece, its own
    `correct_by` (exclusive instant).
    """
    over = _why_over(assignment)
    if over is not None:
        return over
    if assignment.cutoff_at is None or at < assignment.cutoff_at:
        return None
    if correct_by is not None and at < correct_by:
        return None
    kept = "" if assignment.requirement.by_click else "草稿仍予保留；"
    return f"已过停止接收时间，{kept}如需补报，请联系主办单位延期。"


def _why_over(assignment: Assignment) -> str | None:
    """Why the unit has nothing to hand in any more, whatever the time."""
    if assignment.state == AssignmentState.CANCELLED:
        return "这项任务已撤销，无需报送。"
    if assignment.state == AssignmentState.EXEMPT:
        return "本单位这项任务已免报，无需报送。"
    if assignment.requirement.campaign.state != CampaignState.PUBLISHED:
        return "活动已结束，不再接收材料；如需补报，请联系主办单位。"
    return None


def why_nothing_taken(assignment: Assignment, at: datetime, correct_by: datetime | None = None) -> str | None:
    """Why the unit cannot hand in a piece at the instant `at`: it is closed, or there is a 零报告."""
    if assignment.override == Override.NIL:
        return "本单位已作零报告；如有材料要报，请先撤回零报告。"
    return why_closed(assignment, at, correct_by)


def why_no_withdrawal(piece: Submission, at: datetime) -> str | None:
    """Why a piece cannot be taken back: what could not be handed in again would be lost to the bureau."""
    if piece.state == PieceState.TO_SIGN:  # the bureau has nothing yet
        return why_nothing_taken(piece.assignment, at, piece.correct_by)
    if why_closed(piece.assignment, at) is None:
        return None
    return "现在已不再接收材料，撤回后将无法再次提交；如需修改，请联系审核人退回。"


def why_no_signature(piece: Submission, at: datetime) -> str | None:
    """Why the head cannot sign at the instant `at`: signing is handing in, so the cut-off holds for it."""
    closed = why_nothing_taken(piece.assignment, at, piece.correct_by)
    return f"现在不能签发：{closed}" if closed else None


def why_no_nil(assignment: Assignment, at: datetime) -> str | None:
    """Why the unit cannot report that it has nothing (零报告)."""
    if not assignment.requirement.nil_allowed:
        return "这项任务不接受零报告，请报送材料；确有困难的，请联系主办单位。"
    if assignment.submissions.exclude(state=PieceState.DRAFT).exists():
        return "已有材料提交或退回，不能再作零报告；请先撤回已提交的材料，被退回的请修改后重新提交。"
    return why_closed(assignment, at)


def why_no_retraction(assignment: Assignment, at: datetime) -> str | None:
    """Why 零报告 cannot be taken back: nothing could be handed in instead."""
    if why_closed(assignment, at) is None:
        return None
    return "现在已不再接收材料，零报告不能撤回；如需补报，请联系主办单位。"


def why_no_extension(assignment: Assignment) -> str | None:
    """Why the unit cannot ask for more time. It can after the cut-off: nothing else would help then."""
    if assignment.state in AssignmentState.handed_in():
        return "这项任务已报齐，无需延期。"
    return _why_over(assignment)


def why_not_later(due_at: datetime, until: datetime, at: datetime) -> str | None:
    """Why what is due at `due_at` cannot be extended to `until` (both exclusive) at the instant `at`."""
    if until <= at:
        return "延至的日期已过，请选择今天或以后的日期。"
    if until <= due_at:
        day = last_day(due_at)
        present = f"{day.year}年{day.month}月{day.day}日"
        return f"延至的日期须晚于现在的截止日期{present}，请重新选择。"
    return None


def why_no_answer(asked: ExtensionRequest) -> str | None:
    """Why a request for more time wants no answer (any more); `access.extension_queue` has all others."""
    if asked.state != ExtensionState.OPEN:
        return "这项延期申请已经答复或撤回，请刷新页面查看最新情况。"
    if why_no_extension(asked.assignment) is not None:
        return "这项任务已不需要延期，延期申请无需再答复。"
    if asked.until <= asked.assignment.due_at:
        return "截止日期已不早于所申请的日期，延期申请无需再答复。"
    return None


def why_unfit(requirement: Requirement, draft: Draft, files: list[StoredFile]) -> str | None:
    """Why a draft is not yet what was asked for. Length is that of the text; in a file nothing is counted."""
    if not draft.title.strip():
        return "请填写标题后再提交。"
    if not draft.body.strip():
        if _is_filled_in(draft.submission.assignment):
            return _why_wrong_kind(requirement, files)
        return _why_wrong_kind(requirement, files) if files else "请填写正文或至少上传一个文件后再提交。"
    return _why_wrong_length(requirement, draft.body, bool(files)) or _why_wrong_kind(requirement, files)


def _is_filled_in(assignment: Assignment) -> bool:
    """The substance is a list or a table; a text beside it is welcome, not asked."""
    return bool(sheets.asked_for(assignment)) or assignment.requirement.kind == RequirementKind.SUGGESTION


def _why_wrong_length(requirement: Requirement, body: str, with_files: bool) -> str | None:
    name = sheets.body_name(requirement.kind)
    count, least, most = count_words(body), requirement.words_min, requirement.words_max
    if least is not None and count < least:
        elsewhere = f"；材料全文在附件里的，{name}请留空" if with_files else ""
        return f"{name}共{count}字，要求不少于{least}字，请补充后再提交{elsewhere}。"
    if most is not None and count > most:
        return f"{name}共{count}字，要求不超过{most}字，请删减后再提交。"
    return None


def _why_wrong_kind(requirement: Requirement, files: list[StoredFile]) -> str | None:
    """Files may have been attached before the plan was changed."""
    allowed = allowed_kinds(requirement)
    wrong = next((stored for stored in files if stored.kind not in allowed), None)
    if wrong is None:
        return None
    taken = "、".join(extensions_of(requirement))
    return f"文件“{wrong.name}”的类型不合要求，请移除后改传以下格式之一：{taken}。"


def allowed_kinds(requirement: Requirement) -> frozenset[FileKind]:
    """The kinds of file that pieces of `requirement` may hold."""
    return frozenset(map(FileKind, requirement.file_kinds)) or FileKind.ALL


def extensions_of(requirement: Requirement) -> list[str]:
    """The extensions of `allowed_kinds`, without the dot, in the order of FileKind."""
    allowed = allowed_kinds(requirement)
    return [extension for kind in FileKind if kind in allowed for extension in kind.extensions]


def why_no_new_piece(assignment: Assignment, existing: int, at: datetime) -> str | None:
    """Why the unit cannot begin another piece, having `existing` ones."""
    if assignment.requirement.by_click:
        return "这项任务只需签收，不用报送材料。"
    if existing >= assignment.requirement.max_pieces:
        return (
            f"这项任务最多报送{assignment.requirement.max_pieces}篇，已达上限；如需更换，请修改已有的材料。"
        )
    return why_nothing_taken(assignment, at)


def why_no_behalf(assignment: Assignment) -> str | None:
    """Why the bureau cannot hand in for the unit (代报). The cut-off does not hold for it."""
    if assignment.requirement.by_click:
        return "这项任务只需签收，不能代报。"
    if assignment.state == AssignmentState.CANCELLED:
        return "这项任务已撤销，无需报送。"
    if assignment.state == AssignmentState.EXEMPT:
        return "该单位这项任务已免报；如需代报，请先取消免报。"
    if assignment.override == Override.NIL:
        return "该单位已作零报告；如需代报，请先退回零报告。"
    if assignment.requirement.campaign.state != CampaignState.PUBLISHED:
        return "活动已结束，不再接收材料；确需代报，请先重新开放活动。"
    return None


def why_no_more_behalf(assignment: Assignment, existing: int) -> str | None:
    """Why the bureau cannot hand in another piece for a unit that has `existing` ones, drafts among them."""
    most = assignment.requirement.max_pieces
    if existing < most:
        return None
    return f"这项任务最多报送{most}篇，该单位已有{existing}篇（含尚未提交的草稿），不能再代报新的一篇。"


def why_not(piece: Submission, act: Act) -> str | None:
    """Why `act` cannot be done to the piece in its present state."""
    if (PieceState(piece.state), act) in MOVES:
        return None
    if piece.state == PieceState.DRAFT and act in (Act.ACCEPT, Act.PASS_FIRST, Act.RETURN):
        return "报送单位已撤回这篇材料，请待其重新提交后再审。"
    if piece.state == PieceState.DRAFT and act == Act.SIGN:
        return "信息员已撤回这篇材料，请待其重新提交后再签发。"
    if piece.state in PieceState.decided() and act in (Act.ACCEPT, Act.PASS_FIRST, Act.RETURN):
        return f"这篇材料已有人审核，结论是“{piece.get_state_display()}”；请刷新页面查看最新情况。"
    return f"这篇材料现在是“{piece.get_state_display()}”状态，不能{act.label}；请刷新页面查看最新情况。"


def require(reason: str | None) -> None:
    """Raise `NotAllowed` with the reason, if there is one."""
    if reason is not None:
        raise NotAllowed(reason)
