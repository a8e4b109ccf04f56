"""What is written at the officers' desk besides reviews: common reasons, answers to requests, praise."""

from reports.demo.texts import lines

#: The bureau's common reasons, offered on every page on which work is returned.
COMMON = lines("""
请补充本校的具体事例和数据，目前偏于一般性论述，改后再报。
请核对标题、作者和单位全称，与附件内容保持一致。
上传的附件打不开或不是所要求的材料，请核对后重新上传。
请把时间安排落实到具体日期，并写明每一项的责任人。
文中出现了学生的真实姓名，请改用化名，保护未成年人隐私。
与已报送的材料内容重复较多，请结合本单位实际重新撰写。
篇幅偏短，请补充做法和成效；已有的内容写得很好，不必删改。
""")

#: Why more time is asked for in the running campaign.
BUSY = "执笔的两位骨干教师正在参加市级培训，月底返校，文章还需修改，恳请延期一周。"
NO_WATER = "学校供水管网改造，停课三天，“大家谈”推迟到本周五召开，会后即报纪要。"
AWAY = "校长在外县跟岗学习，尚有两所联办学校没有走访，数据不全，申请延期十天。"
GRANTED_FOR = "学校承办全县运动会，语文组教师全部抽调，征文评选顺延，申请延期一周。"
GRANTED = "情况属实，同意延期；请合理安排，不要影响教师休息。"
REFUSED_FOR = "计划把文章再打磨一遍，争取获奖，申请延期半个月。"
REFUSED = "距截止尚有时间，且要与兄弟学校同批评选，请按期报送；报送后如有补充，可联系审核人退回修改。"

EXEMPT = "该园正在整体搬迁，教职工不足十人，经研究免报本项，其余任务不变。"
EXEMPT_FOR_NOW = "学校负责人空缺，暂免报送。"
OWED_AGAIN = "新任负责人已到岗，经与学校商定，继续报送。"
NIL = "电话核实：负责人新到任，本期没有形成调研文章，学校委托代作零报告。"

BEHALF = "网络中断：山区光缆被落石砸断，抢修需要数日；学校已送来盖章的纸质稿，扫描后代为录入。"
BEHALF_FILE = "盖章件扫描"

#: Praise for excellent work, for articles and for what sections and schools have done.
PRAISE = lines("""
从一件小事写起，做法有步骤、有数据，兄弟学校拿来就能用。
文字朴素而有力量，把“家门口的好学校”写成了看得见的人和事。
问题找得准，敢写不足，对面上工作有启发。
把教师的点子变成了制度，这条路子值得各校借鉴。
写出了基层教师的真实想法，读来亲切，宜作为学习讨论的范文。
案例完整，前后对比清楚，建议各校组织一次集体学习。
""")
PRAISE_OF_WORK = lines("""
攻关目标小而实，过程有记录，结果经得起现场看。
总结不回避问题，来年的打算落到了人和时间。
公开承诺逐项兑现，公示方式群众看得懂，可供各支部参考。
""")
PRAISE_OF_MINUTES = "发言有名有姓，分歧也如实记录，议定事项能对照落实，是一份规范的纪要。"

#: The draft of a summary, begun early by the school that most people look at.
SUMMARY_TITLE = "{school}大讨论活动总结（初稿）"
SUMMARY_BODY = """一、组织情况
动员以来，全校集中讨论六次，教职工人人发言；收集意见建议一百二十余条。

二、形成的共识
（待补：各教研组本周五前交来。）"""
SUMMARY_FILE = "意见建议分类统计.xlsx"
SUMMARY_ROWS = (
    ("类别", "条数", "已办结", "办理中"),
    ("减轻负担", "41", "29", "12"),
    ("教研教学", "36", "22", "14"),
    ("校园安全", "27", "25", "2"),
    ("后勤服务", "18", "15", "3"),
)
