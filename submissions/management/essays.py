"""Essays made up for measuring: originals, what people make of them, and what only looks alike.

An essay is a list of paragraphs, these of sentences, these of clauses, these of words that know their sort,
so that a word can be put in the place of another as somebody would who hides where a text comes from.
"""

from dataclasses import dataclass
from random import Random

Word = tuple[str, str]  # its sort ("" for words nothing is put in the place of), and what it says
Sentence = list[list[Word]]  # clauses
Essay = list[list[Sentence]]  # paragraphs

WORDS: dict[str, list[str]] = {
    sort: words.split()
    for sort, words in {
        "when": """
            开学第二周 期中考试以后 一个下雨的傍晚 去年冬天 课间十分钟 放学路上 家长会那天
            教研活动结束时 晚自习之前 运动会前夕 新学期伊始 那个星期五 午休的时候 寒假里 接班的头一个月
            清明前后 第三次走访时 毕业典礼上 听完那节课 月末小结时 上学期 秋收时节 停电的那个晚上
            备课到深夜时 值日那天清早 批完作业 公开课前一天 麦收假里
        """,
        "who": """
            年轻教师 班主任 教研组长 毕业班的同事 食堂师傅 值周学生 新来的同事 支教的伙伴 退休老教师
            家委会代表 校医 图书管理员 体育组 数学组 留守儿童 住校生 门卫大叔 爷爷奶奶们 语文课代表
            少先队辅导员 村里的老支书 插班生 双胞胎姐妹 后排那几个男生 宿管阿姨 学困生 各年级组
            心理老师 实习老师 班上的小画家
        """,
        "how": """
            悄悄地 反复 主动 一次次 小心翼翼地 不声不响地 耐着性子 红着脸 头一回 认认真真地 断断续续地
            手把手地 利用空闲 趁热打铁 三番五次 当着大家的面 挤出时间 想方设法 一笔一画地 迎难而上 分批
            轮流 挨家挨户地 面对面地 结对 从头到尾
        """,
        "did": """
            整理了 追问起 记录下 重新设计了 讲述了 琢磨着 打磨 梳理了 翻看 改写了 尝试着 推翻了 示范了
            收集起 讨论 回想起 比较了 拆解了 画出了 试行了 完善了 承担起 接过了 公布了 归纳出 看懂了
            提到了 守护着 放下了 点评了
        """,
        "result": """
            心里亮堂了许多 气氛一下子活跃起来 大家都沉默了 问题才算有了眉目 笑声传出老远
            信任就这样建立起来 分数反倒不那么要紧 许多疑惑迎刃而解 我久久不能平静 办法总比困难多
            进步看得见摸得着 距离一点点缩短 谁也不愿意先走 坚持的意义正在这里 责任一下子具体了
            旧习惯开始松动 我学会了等待 掌声持续了很久 这才是教育该有的样子 矛盾化解于无形
            眼泪在眶里打转 第二天就见了效 后来成了惯例 连最内向的人也开了口 我们少走了不少弯路
            反思随之而来 答案不言自明 思路渐渐清晰 日子慢慢有了滋味 计划由此改变
        """,
        "link": """
            于是 后来 其实 谁知 原来 渐渐地 没想到 正因为如此 说到底 在我看来 令人欣慰的是 从那以后
            换句话说 起初 如今 不过 更难得的是 果然 当然 记得
        """,
    }.items()
}

THINGS: dict[str, list[str]] = {
    sort: words.split()
    for sort, words in {
        "课堂": """
            提问的次序 小组分工 作业的层次 板书的留白 错题本 导学单 课前三分钟 同伴互评 实验记录
            当堂检测 预习提纲 课堂节奏 追问的时机 学具袋 思维导图 单元整合 备课笔记 听课札记 一题多解
            口算接龙 情境导入 课后延伸 分层练习 评价量表
        """,
        "家校": """
            家访路线 来信摘抄 家长开放日 成长档案 电话记录 亲子作业 育儿困惑 隔代教养 周末陪伴 手机约定
            家长课堂 联系手册 离异家庭 心愿卡 矛盾调解 回访清单 接送安排 节日问候 家规家训 意见箱
            沙龙话题 互助小组 务工家长的视频 作息表
        """,
        "安全": """
            疏散路线 消防栓 护学岗 食堂台账 防溺水公约 校车座次 隐患清单 晨检本 应急灯 楼梯间 实验药品
            门禁登记 欺凌苗头 心理信箱 演练脚本 灭火器 交通标线 体育器材 夜间巡查 留样柜 雨天路面
            燃气阀门 急救包 周边摊点
        """,
        "阅读": """
            班级书架 晨诵 读书卡 绘本剧 漂流书袋 借阅登记 朗读亭 经典片段 摘抄本 好书推荐 共读约定
            阅读存折 古诗考级 作家见面 书评栏 图书角 整本书 批注 故事接龙 读书沙龙 亲子共读 阅读课
            旧书交换 讲书人选拔
        """,
        "劳动": """
            菜园分区 值日轮换 陶泥作品 整理书包 种植日记 工具箱 校园绿化 包饺子比赛 木工坊 垃圾分类
            农事日历 缝纽扣 蚕宝宝 堆肥桶 洗碗打卡 采摘节 劳动清单 志愿时长 手工集市 节气课程 养殖角
            浇水表 修理铺 收割体验
        """,
        "师德": """
            青蓝结对 师徒协议 读书笔记 民主生活会 榜样故事 入职宣誓 待人的分寸 公平排座 廉洁承诺
            教案评比 身边的好人 工作作风 批评的艺术 职业倦怠 请假制度 评优办法 志愿送教 谈心记录 荣誉墙
            自我剖析 仪表规范 有偿补课 学习专栏 初心故事
        """,
    }.items()
}

#: What stands in very many papers, and says nothing about where one of them comes from.
SLOGANS = tuple(
    f"{first}，{second}。"
    for first in (
        "在上级主管部门的正确领导下", "为深入贯彻落实教育大讨论活动精神", "根据教育局统一部署和学校工作安排",
        "站在新的历史起点上展望未来", "面对教育改革发展的新形势新任务", "通过认真学习文件精神和领导讲话",
    )
    for second in (
        "我校全体教职工统一思想、提高认识、狠抓落实", "我们将以更加饱满的热情投入到教育教学工作中去",
        "全面提高教育教学质量，努力办好人民满意的教育", "始终坚持立德树人根本任务，促进学生全面发展",
        "不断更新教育观念，切实增强责任感和使命感", "各项工作扎实推进，取得了阶段性的明显成效",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """One essay of the set: how it came about, and the number of the piece that it was made from, if any."""

    sort: str
    text: str
    source: int | None = None


class Writer:
    """Writes the essays of one set; the same seed gives the same set."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 (nothing here is a secret)

    def essay(self, topic: str, slogans: float = 0.03) -> Essay:
        """An essay of some 900 to 2500 characters; `slogans` of its sentences are everybody's."""
        return [self._paragraph(topic, slogans) for _ in range(self._random.randint(6, 12))]

    def swapped(self, essay: Essay) -> Essay:
        """The same paragraphs in another order."""
        order = essay[:]
        while order == essay:
            self._random.shuffle(order)
        return order

    def reworded(self, essay: Essay, part: float) -> Essay:
        """Words put in the place of others, until `part` of the characters are new, and clauses swapped."""
        made = [[[clause[:] for clause in sentence] for sentence in paragraph] for paragraph in essay]
        spots = [
            (clause, at)
            for paragraph in made
            for sentence in paragraph
            for clause in sentence
            for at, (sort, _) in enumerate(clause)
            if sort
        ]
        self._random.shuffle(spots)
        left = part * len(text_of(essay))
        for clause, at in spots:
            if left <= 0:
                break
            clause[at] = self._other(*clause[at])
            left -= len(clause[at][1])
        for sentence in (sentence for paragraph in made for sentence in paragraph):
            if len(sentence) > 1 and self._random.random() < part:
                sentence[0], sentence[1] = sentence[1], sentence[0]
        return made

    def partly(self, essay: Essay, topic: str, every: int) -> Essay:
        """One paragraph of `every` taken over, the others new."""
        return [
            self._paragraph(topic, 0.03) if number % every else paragraph
            for number, paragraph in enumerate(essay)
        ]

    def sprinkled(self, essay: Essay, topic: str) -> Essay:
        """Every other sentence taken over, between new ones."""
        return [
            [
                taken if number % 2 else new
                for number, (taken, new) in enumerate(
                    zip(paragraph, self._like(paragraph, topic), strict=True)
                )
            ]
            for paragraph in essay
        ]

    def _like(self, paragraph: list[Sentence], topic: str) -> list[Sentence]:
        return [[self._clause(topic) for _ in sentence] for sentence in paragraph]

    def _paragraph(self, topic: str, slogans: float) -> list[Sentence]:
        return [
            [[("", self._random.choice(SLOGANS)[:-1])]]
            if self._random.random() < slogans
            else [self._clause(topic) for _ in range(self._random.randint(2, 4))]
            for _ in range(self._random.randint(4, 7))
        ]

    def _clause(self, topic: str) -> list[Word]:
        """One of a handful of shapes, as people's clauses have."""
        shape = self._random.choice(
            ("when who how did thing", "link who did thing", "thing 让 who how did thing", "result",
             "link result", "who 和 who how did thing", "when 我 how did thing", "did thing 的时候 result")
        )  # fmt: skip
        return [self._word(part, topic) for part in shape.split()]

    def _word(self, part: str, topic: str) -> Word:
        if part == "thing":
            return topic, self._random.choice(THINGS[topic])
        return (part, self._random.choice(WORDS[part])) if part in WORDS else ("", part)

    def _other(self, sort: str, word: str) -> Word:
        return sort, self._random.choice([one for one in (WORDS | THINGS)[sort] if one != word])


def text_of(essay: Essay) -> str:
    """The essay as people hand it in."""
    return "\n".join(
        "".join(
            "，".join("".join(word for _, word in clause) for clause in sentence) + "。"
            for sentence in paragraph
        )
        for paragraph in essay
    )


def collection(number: int, seed: int) -> list[Piece]:
    """`number` essays in random order: four tenths of them originals, then an equal part of every sort.

    A piece comes later than its source.
    """
    writer, random = Writer(seed), Random(seed)  # noqa: S311
    pieces, essays = [], []
    for _ in range(max(1, number * 4 // 10)):
        topic = random.choice(list(THINGS))
        essays.append((topic, writer.essay(topic)))
        pieces.append(Piece("original", text_of(essays[-1][1])))
    while len(pieces) < number:
        source = random.randrange(len(essays))
        topic, essay = essays[source]
        sort = SORTS[len(pieces) % len(SORTS)]
        if sort == "independent":
            pieces.append(Piece(sort, text_of(writer.essay(topic))))
        elif sort == "boilerplate":
            pieces.append(Piece(sort, text_of(writer.essay(topic, slogans=0.35))))
        else:
            pieces.append(Piece(sort, text_of(_taken_over(writer, sort, essay, topic)), source))
    return pieces


#: What is made of originals, and what is not made of them.
SORTS = (
    *("exact", "swapped", "reworded 5%", "reworded 10%", "reworded 20%", "reworded 30%", "reworded 50%"),
    *("both", "half", "quarter", "sprinkled"),
    *("independent", "boilerplate"),
)


def _taken_over(writer: Writer, sort: str, essay: Essay, topic: str) -> Essay:
    if sort == "swapped":
        return writer.swapped(essay)
    if sort in ("half", "quarter"):
        return writer.partly(essay, topic, every=2 if sort == "half" else 4)
    if sort == "sprinkled":
        return writer.sprinkled(essay, topic)
    if sort == "both":
        return writer.swapped(writer.reworded(essay, 0.1))
    if sort.startswith("reworded"):
        return writer.reworded(essay, int(sort.split()[1].rstrip("%")) / 100)
    return essay
