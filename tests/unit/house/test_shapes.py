"""No code asks which shape it is in: behaviour that differs by shape is behaviour nobody tested.

What a process is made of is decided in the places below, once, when it starts.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SEARCHED = ("backend", "sosa_app")

MAY_CHOOSE = {
    "backend/wiring/": "what stands behind each contract",
    "backend/functions.py": "the entry of every function",
    "backend/kit/settings.py": "reads the environment, for all",
    "backend/kit/shared.py": "what processes share: in memory, or in Redis",
    "backend/kit/lambdas/": "the way in and out of functions",
    "backend/messaging/service/__init__.py:_choose_rooms": "rooms on the parts that are there",
    "backend/messaging/media/s3.py": "speaks to a bucket, which any shape may have",
    "backend/messaging/api.py:door": "refuses to begin without a way to its sockets",
}
"""Composition roots and entry points, with what each decides; `file:function` is one function."""

SHAPES = frozenset(
    {"monolith", "microservice", "microservices", "serverless", "lambda", "lambdas"}
    | {"aws", "ecs", "fargate", "shape", "deployment", "standalone", "embedded"}
)
"""Words of a name that, in a condition, ask where the code is."""
PLACES = frozenset({"push", "together", "push_url", "redis_url", "url_of", "live_socket"})
"""What a process was given. Whether it is there tells the shape, so only a root may look."""
TELLTALES = ("AWS_", "LAMBDA_", "ECS_", "KUBERNETES_", "INVOCATION_ID", "SOSA_")
"""Beginnings of variables by which the world tells a program where it is."""
ENTRIES = ("backend.functions", "backend.kit.lambdas", "deploy", "awslambdaric", "mangum")
"""Modules of one shape. A service's `main.py` is the entry of its functions."""


def questions(source: str) -> Iterator[tuple[str, str]]:
    """Each place in which a source asks for its shape, as (function, question)."""
    tree = ast.parse(source)
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    yield from _questions(tree, "", modules)


def _questions(node: ast.AST, function: str, modules: set[str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        function = node.name
    for found in (*_imports(node), *_environment(node)):
        yield function, found
    for condition in _conditions(node):
        for found in _asked(condition, modules):
            yield function, found
    for child in ast.iter_child_nodes(node):
        yield from _questions(child, function, modules)


def _imports(node: ast.AST) -> Iterator[str]:
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    for name in names:
        if any(name == entry or name.startswith(f"{entry}.") for entry in ENTRIES):
            yield f"import {name}"


def _environment(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"}:
        yield node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
        if text.startswith(TELLTALES) and text.isupper():
            yield text


def _conditions(node: ast.AST) -> Iterator[ast.AST]:
    """What the node decides by. A comparison decides, even where its outcome is only kept."""
    if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
        yield node.test
    elif isinstance(node, ast.Match):
        yield node.subject
    elif isinstance(node, ast.comprehension):
        yield from node.ifs
    elif isinstance(node, ast.Compare | ast.BoolOp):
        yield node


def _asked(condition: ast.AST, modules: set[str]) -> Iterator[str]:
    for node in ast.walk(condition):
        match node:
            case ast.Name(id=name) if name not in modules:
                yield from _telling(name)
            case ast.Attribute(attr=name):
                yield from _telling(name)
            case ast.Constant(value=str(text)) if text.lower() in SHAPES:
                yield repr(text)
            case _:
                pass


def _telling(name: str) -> Iterator[str]:
    if name in PLACES or SHAPES & set(name.lower().split("_")):
        yield name


def _may(file: str, function: str, question: str) -> bool:
    is_entry = file.endswith("/main.py") and question.startswith("import ")
    known = (file.startswith(place) for place in MAY_CHOOSE if ":" not in place)
    return is_entry or f"{file}:{function}" in MAY_CHOOSE or any(known)


@pytest.mark.parametrize(
    "asking",
    [
        "if settings.shape == 'split': pass",
        "if parts.settings.redis_url: pass",
        "x = 1 if is_lambda else 2",
        "while not running_on_aws(): pass",
        "def f():\n    return os.environ.get('PATH')",
        "name = read('AWS_LAMBDA_FUNCTION_NAME')",
        "match kind:\n    case _ if kind == 'monolith': pass",
        "is_apart = parts.together is not None",
        "rooms = [room for room in all_rooms if house.push]",
        "from backend.kit.lambdas.http import Event",
        "import deploy.services",
        "assert not serverless",
    ],
)
def test_a_question_would_be_found(asking: str):
    assert list(questions(asking))


@pytest.mark.parametrize(
    "innocent",
    [
        '"""Runs in the monolith and as lambdas."""',
        "from backend.kit.tokens import shape\nif not shape.is_time(1): pass",
        "if 'a,b'.split(','): pass",
        "pick = sorted(rows, key=lambda row: row.id)",
        "if context_free: pass",
        "push = parts.push",
    ],
)
def test_what_is_no_question_is_left_alone(innocent: str):
    assert not list(questions(innocent))


def test_no_code_asks_which_shape_it_is_in():
    asked = [
        f"{file}: {function or 'module'} asks {question}"
        for file, function, question in _all()
        if not _may(file, function, question)
    ]
    assert not asked, "\n".join(asked)


def test_the_list_of_those_who_may_holds_nobody_else():
    asking = {(file, function) for file, function, _ in _all()}
    for place in MAY_CHOOSE:
        start, _, only = place.partition(":")
        assert any(
            file.startswith(start) and (not only or function == only) for file, function in asking
        ), f"{place} asks nothing any more"


def _all() -> Iterator[tuple[str, str, str]]:
    for folder in SEARCHED:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for function, question in questions(path.read_text()):
                yield str(path.relative_to(ROOT)), function, question


def test_the_browser_does_not_know_either():
    asking = re.compile(
        r"monolith|microservice|lambda|serverless|amazonaws|execute-api", re.IGNORECASE
    )
    assert asking.search("if (location.host.endsWith('amazonaws.com')) {")
    for path in sorted((ROOT / "sosa_app").rglob("*.js")):
        found = asking.search(path.read_text())
        assert not found, f"{path.relative_to(ROOT)}: {found}"
