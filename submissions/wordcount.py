"""字数, counted as Word's dialogue “字数统计” counts it.

Its 字数 is the sum of 中文字符 (each character, full-width punctuation included) and 非中文单词 (what stands
between blanks or Chinese characters: a Latin word, a number). Quotation marks, dashes and ellipses
are counted as Chinese punctuation, as in a Chinese font. `static/js/portal.js` counts by the same
pattern while somebody types.
"""

import re

#: — ‘ ’ “ ” …, everything from 、 to the end of the ideographs, their compatibility forms, full-width forms.
CHINESE = (
    "\u2014\u2018\u2019\u201c\u201d\u2026\u3001-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef"
    "\U00020000-\U0003ffff"
)
COUNTED = re.compile(rf"[{CHINESE}]|[^\s{CHINESE}]+")


def count_words(text: str) -> int:
    """How many 字 `text` has."""
    return sum(1 for _ in COUNTED.finditer(text))
