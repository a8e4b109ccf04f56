"""What changes when a text is told again: by another school as its own, or by its author when correcting."""

TITLE = "我所亲历的{title}"

#: Light rewording, as people do who hope that nobody compares.
REWORDED = {
    "我们": "大家",
    "忽然": "突然",
    "每天": "天天",
    "一位": "有位",
    "慢慢": "渐渐",
    "许多": "很多",
    "建议": "提议",
    "学校": "校园",
    "第一次": "头一回",
    "教师": "老师",
}

#: A careful correction: empty words go, exact ones come.
REVISED = {
    "我们": "学校",
    "一个月以后": "到本月二十日",
    "先后有": "累计有",
    "逐一": "逐条",
    "很多": "近六成",
    "一次也没有中断": "一次也没有中断，记录齐全",
    "建议": "提议",
    "下一步": "下学期",
    "由一名副职负责跟踪": "由分管副校长负责跟踪",
    "相近的表册先行合并": "相近的十二种表册先行合并为五种",
    "问题": "实际问题",
}
#: How its last sentence goes on.
REVISED_END = "；文中数据截至上月底，已与有关组室核对。"
