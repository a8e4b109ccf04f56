"""体会文章: how they are put together, and where the sentences of each topic are found."""

from dataclasses import dataclass

from reports.demo.texts import lines, paragraphs

#: Slots: {school} {place} {kids} {lesson}; {n} a small number, {m} a larger one.


@dataclass(frozen=True)
class Writing:
    """Sentences of one topic: title stems, thoughts, measures (each with its heading first), intentions."""

    stems: tuple[str, ...]
    thoughts: tuple[str, ...]
    measures: tuple[str, ...]
    intentions: tuple[str, ...]


TITLES = lines("""
{stem}的实践与思考
{stem}的探索与体会
{stem}的做法与思考
关于{stem}的几点思考
{stem}的实践与思考——以{school}为例
让{stem}落到实处
""")

OPENINGS = paragraphs("""
{school}现有教职工{m}人。大讨论开展以来，我们没有先下结论，而是请每位教职工写下一条最想说的话，
共收到{m}条。归并以后发现，大家说得最多的，正是本文要谈的这个题目。

在“办好家门口的学校”大讨论中，{school}先后组织{n}次集中讨论。话题从抱怨开始，以办法结束。
现把我们的认识和做法整理如下，请批评指正。

{place}的家长评价一所学校，看的往往是很小的事：老师叫不叫得出孩子的名字，有事找不找得到人。
{school}从这些小事说起，讨论了{n}个星期，慢慢理出了头绪。

学校不大，问题不少。这次大讨论，{school}把校务会、教研组和年级组三层讨论连在一起，
先找问题，再找原因，最后找办法。下面是其中一个专题的收获。

去年此时，我们还在为同样的事发愁；今年再谈，已经有了一些可以说的做法。{school}借大讨论的机会
回头看了一遍，得失都写在这里。

接到方案的第二天，{school}就把六个专题贴在教工之家的墙上，请大家用便签投票。得票最多的一个，
便是本文的题目。
""")

#: What a corrected version adds.
SUPPLEMENTS = paragraphs("""
补充说明：按照审核意见，我们重新核对了数据。本学期相关活动共{n}次，参与教职工{m}人次，
活动记录均已存档，可供查阅。

再举一个事例。上月有一位青年教师提出，好办法要写得让代课老师也看得懂。我们据此把做法
缩写成一页纸的“操作卡”，目前已印发{n}种。

对照来看，不足至少有两点：一是参与面还不均衡，有{n}位教师一次也没有发言；
二是过程有记录，效果缺跟踪。这两点已列入下一步的改进。

为避免责任不清，学校明确由一名副职牵头，{n}个组室各认领一项，每月末在教工大会上
用五分钟说明进展。
""")

CLOSINGS = paragraphs("""
办好家门口的学校，说到底是把一件件小事做实。我们做得还很不够，愿与兄弟学校多交流。

讨论有期限，改进没有终点。{school}将把这次讨论形成的办法写进下学期的计划，逐项落实。

以上是我们的粗浅体会，有些做法还在试，有些数据还要再看一个学期，不当之处请指正。

一所学校的变化，家长和{kids}看得最清楚。我们愿意把评判权交给他们。
""")
