"""Where a long title is broken: lines of about one length, no word torn apart.

The standard asks for whole meanings and symmetry. Without a dictionary that means: not inside a number, a
name in 《》 or “”, not between “” and what they name (“…”大讨论), never before a closing sign, preferably
behind a comma or before “关于”.
"""

import unicodedata
from functools import cache

#: Characters in a line of the type area with some air at the sides: of 2号, of 3号; over numbers on a page.
TITLE_WIDE, SUBTITLE_WIDE, HEAD_WIDE = 19, 24, 4
LONGEST = 120  # beyond this nobody wrote a title; Word breaks it as it likes
#: Words of two characters of which titles here are made, one behind the other: not torn apart, and better
#: parted from each other than anything else.
_OFTEN = (
    "教育弘扬精神活动主题专题第一第二第三第四第五阶段工作情况报告总结通报督查简报进展统计一月二月三月"
    "四月五月六月七月八月九月十月学校教师学生学习研讨征文演讲家访走访意见建议材料报送完成落实名单单位"
    "优秀作品成果推荐理由说明附表逾期全县全市全区全省中小小学中学师德师风建设党建实践服务调研课堂教学"
    "科研安全检查培训宣传典型事迹年度学期学年月度汇总开展关于有关进一做好加强推进实施方案通知会议纪要"
    "乡镇街道中心示例部门领导小组办公大讨讨论育活宣传发动创新新年家门门口建设组织初评终评部署启动评选表彰到期"
)
WORDS = frozenset(_OFTEN[place : place + 2] for place in range(0, len(_OFTEN), 2))
OPENING, CLOSING = "（《“‘〔【(", "）》”’〕】)，、。；：！？,.;:!?的"
PAIRS = {"《": "》", "“": "”", "（": "）", "〔": "〕"}


def em(text: str) -> float:
    """How many Chinese characters wide it is; Latin letters and digits are half of one."""
    return sum(1 if unicodedata.east_asian_width(one) in "WFA" else 0.5 for one in text)


def lines_of(title: str, widest: int) -> list[str]:
    """The title in lines of at most `widest` characters; whole where it fits or cannot be broken well."""
    if em(title) <= widest or len(title) > LONGEST:
        return [title]
    wanted = em(title) / -(-em(title) // widest)

    @cache
    def best(start: int) -> tuple[float, tuple[str, ...]]:
        if start == len(title):
            return 0, ()
        found: tuple[float, tuple[str, ...]] = (float("inf"), ())
        for end in range(start + 1, len(title) + 1):
            line = title[start:end]
            if em(line) > widest:
                break
            cost = (em(line) - wanted) ** 2 + _price(title, end)
            if cost < found[0]:
                further, lines = best(end)
                found = min(found, (cost + further, (line, *lines)), key=lambda one: one[0])
        return found

    cost, lines = best(0)
    return list(lines) if cost < float("inf") else [title]


def _price(title: str, place: int) -> float:
    """Of a break before the character at `place`."""
    if place == len(title):
        return 0
    before, after = title[place - 1], title[place]
    if after in CLOSING or before in OPENING:
        return float("inf")
    if before.isascii() and after.isascii() and before.isalnum() and after.isalnum():
        return float("inf")
    price = 60.0 * sum(title.count(one, 0, place) > title.count(PAIRS[one], 0, place) for one in PAIRS)
    if before == "”" and after not in OPENING:
        return price + 60
    if before in "，、；：。” 》" or title.startswith(("关于", "《", "“", "（"), place):
        return price
    if before == "的":
        return price + 4
    if before + after in WORDS or (before in "年月" and after.isdigit()):
        return price + 60
    if title[place - 2 : place] in WORDS and title[place : place + 2] in WORDS:
        return price + 4
    if before.isascii() != after.isascii():
        return price + (25 if before.isascii() else 6)  # “2026年” stays whole
    return price + 16
