"""What a template may say: an allow-list over Jinja's own syntax tree, and the sandbox that runs the rest.

Fields, conditions, comparisons, loops over lists; nothing is called, computed or kept. A loop inside another
goes over a list of the outer one's row, so that all loops together go through the figures and not through
their powers.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from reports.papers.field import Field, Sort
from reports.papers.paper import in_chinese

DEEPEST_LOOP, DEEPEST = 4, 10  # loops, and loops with conditions
LONGEST_TAG = 300

UNKNOWN = "没有这个字段，请对照字段表改正。"
SYNTAX = "写法有误，请对照字段表中的写法改正。"
FORBIDDEN = "用了不支持的写法，模板只能填写字段、判断条件和循环，请对照字段表改正。"
TOO_LONG = f"太长，一处不能超过{LONGEST_TAG}字，请精简。"
A_LIST = "是列表，不能直接填写，请用循环逐项填写，写法见字段表。"
NO_LIST = "循环的不是列表，请对照字段表改正。"
FOREIGN_LIST = "循环里只能再循环本项自己的列表，请对照字段表改正。"
TAKEN = "给每一项取的名称与字段重名，请换一个名称。"
NUMBERS_ONLY = "比较大小的两边必须都是数字，请改正。"

Scope = Mapping[str, Field]


class Wrong(Exception):
    """What is wrong with a tag, to follow its name in a sentence."""


def _chinese(value: int) -> str:
    return in_chinese(value) if 0 < value < 100 else str(value)


FILTERS = {"个数": len, "汉字": _chinese}


def environment() -> SandboxedEnvironment:
    """Knows no globals, no tests, and the few filters above."""
    made = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    made.globals, made.tests, made.filters = {}, {}, dict(FILTERS)
    return made


def scope_of(fields: Iterable[Field]) -> dict[str, Field]:
    return {one.name: one for one in fields}


# Tags by themselves -----------------------------------------------------------------------------------


def check_output(text: str, scope: Scope) -> None:
    """“{{ … }}”. Raises Wrong."""
    for node in _parsed(text):
        _check(node, scope, 0)


def check_test(test: str, scope: Scope) -> None:
    """What stands behind `if`. Raises Wrong."""
    [node] = _parsed(f"{{% if {test} %}}{{% endif %}}", nodes.If)
    _sort(node.test, scope)


def check_loop(loop: str, scope: Scope, depth: int) -> dict[str, Field]:
    """What stands behind `for`: the scope inside of the loop. `depth` loops are around it. Raises Wrong."""
    [node] = _parsed(f"{{% for {loop} %}}{{% endfor %}}", nodes.For)
    return _inside(node, scope, depth)


def _parsed(text: str, expected: type[nodes.Node] = nodes.Output) -> list[nodes.Node]:
    if len(text) > LONGEST_TAG:
        raise Wrong(TOO_LONG)
    try:
        body = environment().parse(text).body
    except (TemplateError, RecursionError):
        raise Wrong(SYNTAX) from None
    if len(body) != 1 or not isinstance(body[0], expected):
        raise Wrong(FORBIDDEN)
    return body


# The whole of it --------------------------------------------------------------------------------------


def check_all(source: str, scope: Scope) -> None:
    """The very text that is to be run. Raises Wrong; `check_output` and the others have said why before."""
    try:
        tree = environment().parse(source)
    except (TemplateError, RecursionError):
        raise Wrong(SYNTAX) from None
    for node in tree.body:
        _check(node, scope, 0)


def _check(node: nodes.Node, scope: Scope, depth: int, loops: int = 0) -> None:
    if depth > DEEPEST:
        raise Wrong(FORBIDDEN)
    match node:
        case nodes.Output():
            for one in node.nodes:
                _check_printed(one, scope)
        case nodes.If():
            _sort(node.test, scope)
            for one in (*node.body, *node.elif_, *node.else_):
                _check(one, scope, depth + 1, loops)
        case nodes.For():
            inner = _inside(node, scope, loops)
            for one in node.body:
                _check(one, inner, depth + 1, loops + 1)
            for one in node.else_:
                _check(one, scope, depth + 1, loops)
        case _:
            raise Wrong(FORBIDDEN)


def _check_printed(node: nodes.Expr, scope: Scope) -> None:
    if isinstance(node, nodes.TemplateData):
        return
    found = _found(node, scope)
    if isinstance(found, Field) and found.sort == Sort.GROUP:
        example = f"{found.name}.{found.inside[0].name}"
        raise Wrong(f"是一组字段，请写明其中哪一个，例如“{{{{ {example} }}}}”。")
    if isinstance(found, Field) and found.sort == Sort.ROWS:
        raise Wrong(A_LIST)


def _inside(node: nodes.For, scope: Scope, loops: int) -> dict[str, Field]:
    if node.recursive or not isinstance(node.target, nodes.Name):
        raise Wrong(FORBIDDEN)
    if loops >= DEEPEST_LOOP:
        raise Wrong(f"循环最多套{DEEPEST_LOOP}层，请减少。")
    found = _found(node.iter, scope)
    if not isinstance(found, Field) or found.sort != Sort.ROWS:
        raise Wrong(NO_LIST)
    if loops and not _is_of_row(node.iter, scope):
        raise Wrong(FOREIGN_LIST)
    name = node.target.name
    if name in scope:
        raise Wrong(TAKEN)
    if name.startswith("_") or name in ("loop", "self"):
        raise Wrong(FORBIDDEN)
    inner = {**scope, name: Field(name, "", found.read, Sort.GROUP, found.inside, each=name)}
    if node.test is not None:
        _sort(node.test, inner)
    return inner


def _is_of_row(node: nodes.Node, scope: Scope) -> bool:
    """Does the list belong to the row of a loop around it? Only those are groups that carry `each`."""
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        node = node.node
    found = scope[node.name]
    return found.sort == Sort.GROUP and bool(found.each)


# Expressions ------------------------------------------------------------------------------------------


def _sort(node: nodes.Node, scope: Scope) -> Sort:
    """What an expression gives."""
    found = _found(node, scope)
    return found.sort if isinstance(found, Field) else found


def _found(node: nodes.Node, scope: Scope) -> Field | Sort:
    """The field that an expression names, or what it gives. Raises Wrong."""
    match node:
        case nodes.Name():
            return _known(scope.get(node.name))
        case nodes.Getattr():
            return _member(node.node, node.attr, scope)
        case nodes.Getitem(arg=nodes.Const(value=str(name))):
            return _member(node.node, name, scope)
        case nodes.Const(value=bool()) | nodes.Const(value=str()):
            return Sort.TEXT
        case nodes.Const(value=int()):
            return Sort.NUMBER
        case nodes.Not():
            _sort(node.node, scope)
            return Sort.NUMBER
        case nodes.And() | nodes.Or():
            return _either(node.left, node.right, scope)
        case nodes.CondExpr() if node.expr2 is not None:
            _sort(node.test, scope)
            return _either(node.expr1, node.expr2, scope)
        case nodes.Compare():
            return _compared(node, scope)
        case nodes.Filter() if not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs):
            return _filtered(node, scope)
    raise Wrong(FORBIDDEN)


def _known(found: Field | None) -> Field:
    if found is None:
        raise Wrong(UNKNOWN)
    return found


def _member(node: nodes.Node, name: str, scope: Scope) -> Field:
    if name.startswith("_"):
        raise Wrong(FORBIDDEN)
    base = _found(node, scope)
    if not isinstance(base, Field) or base.sort != Sort.GROUP:
        raise Wrong(UNKNOWN)
    return _known(base.find(name))


def _either(left: nodes.Node, right: nodes.Node, scope: Scope) -> Sort:
    sorts = {_sort(left, scope), _sort(right, scope)}
    if not sorts <= {Sort.TEXT, Sort.NUMBER}:
        raise Wrong(A_LIST)
    return Sort.NUMBER if sorts == {Sort.NUMBER} else Sort.TEXT


def _compared(node: nodes.Compare, scope: Scope) -> Sort:
    sorts = [_sort(one, scope) for one in (node.expr, *(operand.expr for operand in node.ops))]
    for operand in node.ops:
        if operand.op in ("lt", "lteq", "gt", "gteq"):
            if set(sorts) != {Sort.NUMBER}:
                raise Wrong(NUMBERS_ONLY)
        elif operand.op not in ("eq", "ne"):
            raise Wrong(FORBIDDEN)
    return Sort.NUMBER


def _filtered(node: nodes.Filter, scope: Scope) -> Sort:
    given: Any = node.node and _sort(node.node, scope)
    wanted = {"个数": Sort.ROWS, "汉字": Sort.NUMBER}.get(node.name)
    if wanted is None or given != wanted:
        raise Wrong(FORBIDDEN)
    return Sort.NUMBER if node.name == "个数" else Sort.TEXT
