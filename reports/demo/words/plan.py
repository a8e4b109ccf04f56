"""The running campaign in words: theme, phases, topics with aspects and questions, requirements."""

from campaigns.enums import RequirementKind
from reports.demo.texts import blocks, lines

TITLE = "“办好家门口的每一所学校”大讨论"
THEME = "人人谈问题、人人出主意：家门口的学校怎样办得更好"
BASIS = "《关于在全县教育系统开展“办好家门口的每一所学校”大讨论的通知》（示教党〔示例〕1号）"
GOALS = "\n".join(
    lines("""
一、摆清问题：每所学校说清本校最想改、最该改的一件事。
二、形成共识：六个专题，学校都有结合自身实际的回答。
三、拿出办法：把讨论中的好主意变成写得进计划、查得到结果的安排。
""")
)

#: Name and aim of each phase.
PHASES = (
    (
        "宣传发动阶段",
        "学习讨论方案，召开动员会，把六个专题和时间安排讲到每一位教职工；"
        "各单位签收方案并报送本单位的活动计划。",
    ),
    (
        "学习讨论阶段",
        "围绕六个专题举行“大家谈”，单位负责人带头参加；撰写体会文章，组织征文，在本阶段结束前报党委办。",
    ),
    (
        "成果转化阶段",
        "归并讨论中提出的建议，逐条确定采纳意见和责任单位，形成下一步工作的思路；各单位报送阶段总结。",
    ),
)

#: Topics in order, each a line by itself; then its three aspects, each above its guiding questions.
OUTLINE = blocks("""
借力发展：打开校门向先进学

理念对接
外地学校最值得本校学的是哪一点，学来以后怎样变成自己的做法？
家长和社区最关心的那件事，别处是怎样解决的？

队伍交流
教师外出跟岗回来，用什么方式让全校都受益？
干部、教师、学生三个层面，各适合怎样的交流？

项目合作
普通教育、职业教育、学前教育，分别适合引进什么样的合作项目？
合作期满以后，怎样让好做法留得下来？

均衡发展：建强教师、校长、机关三支队伍

教师队伍
怎样让教师愿意到最需要的学校去，去了又能安心教书？
师德建设怎样落在日常，而不是挂在墙上？
骨干教师怎样带动一个学科组，而不只是自己上好课？

校长队伍
选拔、培养、监督、激励，哪一环最需要改进？
看一位校长干得好不好，除了成绩还应看什么？

机关队伍
哪些事情可以让学校少跑一趟、少报一表？
科室为学校服务得好不好，由谁来评，怎样评？

激发活力：减掉虚功，办成实事

减掉虚功
哪些台账、会议和填报对教学没有帮助，可以合并或者取消？
减出来的时间，怎样真正还给教师和学生？

典型引路
身边有哪些看得见、学得会的教师和班组？
一间教室里的好做法，怎样走到全校、走到全镇？

破解难题
入园、随迁子女就读、校舍、减负、资产、安全这些老问题，今年先解决哪一个？
谁来牵头，何时见效，怎样让教职工看到进展？

评价改革：看得见成长，量得出进步

评价学校
起点不同的学校，怎样比进步而不只是比名次？
学校的自我诊断怎样写得真、用得上？

评价教师
新教师和骨干教师用同一把尺子合适吗？
荣誉和机会怎样向一线、向薄弱岗位倾斜？

评价学生
除了分数，还应当记录学生的哪些变化？
评价结果怎样告诉家长，才真正有利于孩子成长？

服务地方：办活职业教育和社区教育

办学条件
实训场地不足，学校和企业怎样共用、共管？
社区里有哪些闲置的场地和有手艺的能人可以请进来？

教学内容
专业跟着产业走，哪些该增设，哪些该停办？
居民最想学什么，课程怎样开到家门口？

办学模式
中职学校和成人学校怎样合办培训，各出什么力？
培训有没有用，由谁说了算？

平安校园：守住安全、信访、廉洁三条线

校园安全
上下学路上和校园周边，最大的隐患在哪里？
安全教育怎样从“听一遍”变成“练一遍”？

信访稳定
家长有意见，第一时间找得到谁，多久能得到答复？
同一件事反复来访，问题究竟出在哪里？

廉洁从教
采购、招生、收费、基建，哪个岗位最需要设防？
怎样让教职工看得懂、管得着学校的账？
""")


def _topics() -> tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]:
    """(topic, ((aspect, questions), …)) from the outline."""
    found: list[tuple[str, list]] = []
    for head, *questions in OUTLINE:
        if questions:
            found[-1][1].append((head, tuple(questions)))
        else:
            found.append((head, []))
    return tuple((topic, tuple(aspects)) for topic, aspects in found)


TOPICS = _topics()

#: Posts of the leading group: the seat of each account.
LEADING_GROUP = (
    ("lead", "leader1", "局长"),
    ("deputy", "leader2", "副局长"),
    ("member", "leader3", "副局长"),
    ("member", "chief2", "办公室主任"),
    ("member", "chief3", "教育科科长"),
    ("member", "chief4", "人事科科长"),
    ("member", "chief5", "督导室主任"),
)

#: Requirements: kind, phase (1–3), title, guidance, and how many pieces are taken at most.
REQUIREMENTS = (
    (RequirementKind.ACKNOWLEDGEMENT, 1, "签收讨论方案", "通读方案后点击签收，即为收到并知悉。", 1),
    (
        RequirementKind.PLAN,
        1,
        "大讨论活动计划",
        "写明组织分工、时间安排和至少两次集中讨论的主题，结合本单位实际，两页以内为宜。",
        1,
    ),
    (
        RequirementKind.MINUTES,
        2,
        "“大家谈”会议纪要",
        "单位负责人主持。写明时间、地点、到会人数、主要发言和议定事项，不少于一次；不必附照片。",
        3,
    ),
    (
        RequirementKind.EXPERIENCE,
        2,
        "优秀体会文章",
        "围绕一个专题，写本单位的做法和思考，有事例、有数据，篇幅不限。每单位不少于一篇。",
        3,
    ),
    (
        RequirementKind.ESSAY,
        2,
        "“我与家门口的好学校”征文",
        "写身边的人和事，教职工均可参加，体裁以记叙为主。每单位不少于一篇。",
        3,
    ),
    (
        RequirementKind.SUMMARY,
        3,
        "大讨论阶段总结",
        "写清开展情况、收到的建议、拟采取的措施和需要县局支持的事项。",
        1,
    ),
)
