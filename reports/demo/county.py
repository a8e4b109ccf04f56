"""The unit tree of the invented county: one bureau, its sections, twelve townships, their schools."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from reports.demo import names
from schools.enums import Ownership, UnitKind
from schools.models import Unit, User
from schools.pinyin import initials
from schools.services import units

K = UnitKind

#: Class digits of the 学校（机构）标识码, by kind where there is one. The province digits are 00: none.
CODE_CLASSES = {
    K.KINDERGARTEN: "11",
    K.PRIMARY: "21",
    K.MIDDLE: "31",
    K.NINE_YEAR: "31",
    K.HIGH: "34",
    K.COMPLETE: "34",
    K.VOCATIONAL: "36",
    K.SPECIAL: "51",
}

#: Schools of a township by its size; the first ones are numbered first, so school001 is a primary school.
TOWNSHIP_SCHOOLS = {
    names.LARGE: (
        ("{stem}中心小学", K.PRIMARY),
        ("{stem}第二小学", K.PRIMARY),
        ("{stem}实验小学", K.PRIMARY),
        ("{stem}初级中学", K.MIDDLE),
        ("{stem}第二初级中学", K.MIDDLE),
        ("{place}中心幼儿园", K.KINDERGARTEN),
        ("{stem}第二幼儿园", K.KINDERGARTEN),
    ),
    names.MEDIUM: (
        ("{stem}中心小学", K.PRIMARY),
        ("{stem}第二小学", K.PRIMARY),
        ("{stem}东片小学", K.PRIMARY),
        ("{stem}初级中学", K.MIDDLE),
        ("{place}中心幼儿园", K.KINDERGARTEN),
        ("{stem}第二幼儿园", K.KINDERGARTEN),
    ),
    names.SMALL: (
        ("{stem}学校", K.NINE_YEAR),
        ("{stem}西片小学", K.PRIMARY),
        ("{place}中心幼儿园", K.KINDERGARTEN),
    ),
}
PRIVATE_KINDERGARTENS = {names.LARGE: 1, names.MEDIUM: 1, names.SMALL: 0}

#: Schools directly under the bureau: public ones, then private ones.
PUBLIC = (
    ("示例县第一高级中学", K.HIGH),
    ("示例县第二高级中学", K.HIGH),
    ("示例县第三高级中学", K.HIGH),
    ("示例县外国语学校", K.COMPLETE),
    ("示例县职业中等专业学校", K.VOCATIONAL),
    ("示例县农林职业学校", K.VOCATIONAL),
    ("示例县特殊教育学校", K.SPECIAL),
    ("示例县实验初级中学", K.MIDDLE),
    ("示例县实验小学", K.PRIMARY),
    ("示例县实验幼儿园", K.KINDERGARTEN),
    ("示例县机关幼儿园", K.KINDERGARTEN),
    ("示例县社区学校", K.ADULT),
    ("青禾成人学校", K.ADULT),
    ("麦浪成人学校", K.ADULT),
    ("松果成人学校", K.ADULT),
    ("梧叶成人学校", K.ADULT),
    ("示例县教师进修学校", K.OTHER),
    ("示例县教研室", K.OTHER),
    ("示例县青少年活动中心", K.OTHER),
)
PRIVATE = (
    ("示例县晨露学校", K.NINE_YEAR),
    ("示例县星桥学校", K.NINE_YEAR),
    ("示例县橡果小学", K.PRIMARY),
    ("示例县纸船小学", K.PRIMARY),
    ("示例县远帆初级中学", K.MIDDLE),
    ("示例县长桥高级中学", K.HIGH),
    ("示例县云梯中学", K.COMPLETE),
)

#: Opened this term and therefore left out of the discussion.
NEW_UNIT = "萤火镇中心幼儿园"
#: One person serves both.
SHARED_DESK = ("棉桃学校", "棉桃镇中心幼儿园")
#: A section that writes along with the schools.
WRITING_SECTION = "基础教育科"
#: The smaller school that is merged into the other.
MERGED = ("麦浪东片小学", "麦浪中心小学")


@dataclass(frozen=True)
class County:
    """The saved units; `schools` in the order in which they are numbered."""

    bureau: Unit
    sections: dict[str, Unit]
    schools: list[Unit]

    def named(self, name: str) -> Unit:
        return next(unit for unit in self.schools if unit.name == name)

    def section_list(self, *called: str) -> list[Unit]:
        return [self.sections[name] for name in called]


def found() -> County:
    """Create all units."""
    bureau = _unit(name=names.BUREAU, kind=K.BUREAU)
    sections = {
        name: _unit(name=names.FORMER.get(name, name), kind=K.SECTION, parent=bureau)
        for name in names.SECTIONS
    }
    serial = count(1)
    schools = [
        _open(township, name, kind, ownership, serial)
        for township, name, kind, ownership in [*_in_townships(bureau), *_under(bureau)]
    ]
    return County(bureau, sections, schools)


def rename_sections(county: County, *, by: User, at: datetime) -> None:
    """Give the sections that were called otherwise their present names."""
    for name, section in county.sections.items():
        if section.name != name:
            section.name = name
            units.save(section, by=by, at=at)


Place = tuple[Unit, str, UnitKind, Ownership]


def _in_townships(bureau: Unit) -> Iterator[Place]:
    private = iter(names.PRIVATE_KINDERGARTENS)
    for place, stem, size in names.TOWNSHIPS:
        township = _unit(name=place, kind=K.TOWNSHIP, parent=bureau)
        for pattern, kind in TOWNSHIP_SCHOOLS[size]:
            yield township, pattern.format(place=place, stem=stem), kind, Ownership.PUBLIC
        for _ in range(PRIVATE_KINDERGARTENS[size]):
            yield township, f"{stem}{next(private)}幼儿园", K.KINDERGARTEN, Ownership.PRIVATE


def _under(bureau: Unit) -> Iterator[Place]:
    for ownership, schools in ((Ownership.PUBLIC, PUBLIC), (Ownership.PRIVATE, PRIVATE)):
        for name, kind in schools:
            yield bureau, name, kind, ownership


def _open(parent: Unit, name: str, kind: UnitKind, ownership: Ownership, serial: Iterator[int]) -> Unit:
    number = next(serial)
    code = f"{CODE_CLASSES[kind]}00{number:06d}" if kind in CODE_CLASSES else None
    return _unit(name=name, kind=kind, ownership=ownership, parent=parent, code=code)


def _unit(name: str, **facts: object) -> Unit:
    return Unit.objects.create(name=name, pinyin=initials(name), **facts)
