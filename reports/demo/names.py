"""Names of places and people. All are invented, and the people's names show it (王示例)."""

from reports.demo.texts import lines

BUREAU = "示例县教育局"
SECTIONS = (
    "党委办", "办公室", "基础教育科", "学前教育科", "职业与成人教育科", "组织人事科", "计划财务科", "督导室",
    "安全管理科", "体育卫生艺术科", "政策法规科", "监察室", "审计科", "信息化中心", "基建办",
)  # fmt: skip
#: Where the first officer sits.
OFFICE = "党委办"
#: What some of them were called before; other bureaus' papers, and so the templates, still say so.
FORMER = {
    "党委办": "党委办公室",
    "基础教育科": "基础教育股",
    "组织人事科": "人事股",
    "计划财务科": "计划财务股",
    "安全管理科": "安全管理股",
    "信息化中心": "教育技术装备中心",
}

LARGE, MEDIUM, SMALL = "large", "medium", "small"

#: Townships: name, the stem their schools carry, how many schools there are.
TOWNSHIPS = (
    ("青禾镇", "青禾", LARGE),
    ("白鹭街道", "白鹭", LARGE),
    ("纸鸢街道", "纸鸢", LARGE),
    ("雨燕街道", "雨燕", LARGE),
    ("麦浪镇", "麦浪", MEDIUM),
    ("稻穗镇", "稻穗", MEDIUM),
    ("松果镇", "松果", MEDIUM),
    ("竹影镇", "竹影", MEDIUM),
    ("梧叶镇", "梧叶", MEDIUM),
    ("萤火镇", "萤火", SMALL),
    ("橘灯镇", "橘灯", SMALL),
    ("棉桃镇", "棉桃", SMALL),
)

#: Private kindergartens, given to townships in turn.
PRIVATE_KINDERGARTENS = lines("""
小苗
童画
果果
小帆船
七色桥
小树屋
蜗牛
向日葵
小星球
""")

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
    "程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
)
GIVEN = ("示例", "样例", "示范", "演示", "范例", "样本", "某某", "试例")

#: Where meetings are held.
ROOMS = lines("""
会议室
三楼会议室
多功能厅
图书室
教工之家
阶梯教室
""")
