"""What the officers add to the templates: titles, papers, places, and the reasons they give."""

from campaigns.enums import ActivityKind

A = ActivityKind

DISCUSSION = "“办好家门口的每一所学校”大讨论"
THEME = "人人谈问题、人人出主意：家门口的学校怎样办得更好"
ANNUAL = "{year}年教育工作要点"
INNOVATION = "{year}年教育工作创新年"
EXCELLENCE = "{year}年教育系统创先争优"
IMPROVEMENT = "{year}年教育质量提升年"

#: The number of the paper that each campaign rests on first; that of the discussion is attached.
NUMBER = "示教〔示例〕{n}号"
PAPER = "关于在全县教育系统开展大讨论活动的通知"
PAPER_TEXT = (
    "各学校、各单位：",
    "为办好家门口的每一所学校，经研究，决定在全县教育系统开展大讨论活动。现将有关事项通知如下。",
    "一、讨论什么",
    "围绕六个专题，结合本单位实际，找准最突出的问题，提出看得见、办得到的办法。",
    "二、怎样讨论",
    "单位负责人带头，人人参加；不额外增加教师负担，不搞形式。",
    "三、报送什么",
    "按门户中的任务逐项报送，重复的材料不再另报。",
    "（演示文件，内容均为虚构。）",
)

PLACES = {
    A.LECTURE: "县教师进修学校报告厅",
    A.DISCUSSION: "县教育局三楼会议室",
    A.FORUM: "县第一高级中学多功能厅",
    A.CLASS: "县教师进修学校",
    A.CONTEST: "县教育局",
    A.MEETING: "县教育局大会议室",
    A.INSPECTION: "各有关学校",
    A.OTHER: "各有关单位",
}
POSTS = ("局长", "副局长", "副局长")

MOVED = "暑期排查出的项目较多，给各单位留足攻关时间"
WITHDRAWN = "与安全隐患排查的清单重复，减轻基层负担，不再单独报送"
DROPPED = "该园已随镇中心园统一报送"
REINSTATED = "经核实该园为独立法人，仍单独报送"
MERGED = "布局调整，生源减少，自本学期起合并办学"
CLOSED = "各项任务完成，考评结果已公布"
ARCHIVED = "材料整理完毕，转入归档"
