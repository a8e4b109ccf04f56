"""The second campaign, still being drafted: a year of improvement with eight tasks."""

from campaigns.enums import RequirementKind
from reports.demo.texts import lines

TITLE = "教育质量提升年"
THEME = "八项任务，项项有人抓、件件有着落"
BASIS = "《关于开展教育质量提升年活动的意见》（示教〔示例〕6号，征求意见稿）"
GOALS = "步骤不少、内容不漏：八项任务分别明确牵头科室、配合科室和完成标准，按季度报告进度。"

#: Eight tasks with what is still to be asked about each.
TASKS = (
    ("学习引路：把握办学方向", lines("""
怎样把集中学习与解决本校问题结合起来？
""")),
    ("课堂提质：推进教学改革", lines("""
备课改革从哪一个学科先做起？
怎样判断课堂真的变了？
""")),
    ("特色办学：一校一品", lines("""
特色怎样惠及全体学生，而不只是一支队伍？
""")),
    ("环境育人：建设美丽校园", ()),
    ("安全护航：落实责任清单", lines("""
寄宿制学校的夜间安全由谁负责？
""")),
    ("装备应用：用好每一间功能室", ()),
    ("教师成长：分层全员培训", lines("""
校长、班主任、农村骨干教师的培训各由哪个科室牵头？
""")),
    ("学生成长：综合素质提升", ()),
)  # fmt: skip

#: Name and aim of each phase.
PHASES = (
    ("动员部署阶段", "制定实施方案，明确牵头科室和配合科室。"),
    ("组织实施阶段", "八项任务全面推开，按季度报告进度，开展督查通报。"),
    ("总结验收阶段", "对照清单逐项验收，表扬先进，整改不足。"),
)

#: Kind, phase, title; whether the audience and the day are filled in.
REQUIREMENTS = (
    (RequirementKind.PLAN, 1, "提升年实施方案", True, True),
    (RequirementKind.PROGRESS, 2, "八项任务季度进度", True, False),
    (RequirementKind.RECTIFICATION, 2, "督查问题整改报告", False, False),
    (RequirementKind.SUMMARY, 3, "提升年工作总结", False, True),
)
