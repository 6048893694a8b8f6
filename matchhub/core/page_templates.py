"""Templates, compiled once for each language: their own words stand in them as constants, like the markup around them.

A page says some two hundred sentences of its templates. Looked up while it is written, they cost a third of the page.
"""

from collections.abc import Callable
from typing import Any

from flask.templating import Environment
from jinja2 import nodes, Template
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup


class Translation(NodeTransformer):
    """Puts the words of one catalogue in the place of `_("…")`; what is only known later is left to the page."""

    def __init__(self, catalogue: Any, *, escapes: bool) -> None:
        self.catalogue, self.wrap = catalogue, Markup if escapes else str

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 -- the name that Jinja's visitor looks for
        """`_("…")` and `_("…", name=value)`; other calls stay as they are."""
        self.generic_visit(node)
        if not (isinstance(node.node, nodes.Name) and node.node.name == "_" and _is_literal(node)):
            return node
        words = nodes.Const(self.wrap(self.catalogue.ugettext(node.args[0].value)))  # type: ignore[attr-defined]
        values = [nodes.Pair(nodes.Const(given.key), given.value) for given in node.kwargs]
        return nodes.Mod(words, nodes.Dict(values), lineno=node.lineno)


def _is_literal(node: nodes.Call) -> bool:
    """Whether a call says its sentence in the template itself."""
    only = node.args[0] if len(node.args) == 1 else None
    plain = node.dyn_args is None and node.dyn_kwargs is None
    return plain and isinstance(only, nodes.Const) and isinstance(only.value, str)


class PlainCalls(CodeGenerator):
    """Calls with what the template gives alone: nothing that our templates call asks for the variables of the loop."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        plain = frame.copy()
        plain.loop_frame = plain.block_frame = False
        super().visit_Call(node, plain, forward_caller=forward_caller)


class PageEnvironment(Environment):
    """Flask's environment, which hands each reader to a sibling of its own language."""

    code_generator_class = PlainCalls
    language: Callable[[], str]  # of the reader
    catalogue: Callable[[], Any]  # of the reader; in a sibling, of all its readers
    siblings: dict[str, "PageEnvironment"]
    found: dict[str | Template, Template]  # of one language, by name

    def speak(self, *, language: Callable[[], str], catalogue: Callable[[], Any]) -> None:
        """Say how the reader's language and catalogue are found. Call when all else is set: siblings copy it."""
        self.language, self.catalogue, self.siblings, self.found = language, catalogue, {}, {}

    def sibling(self) -> "PageEnvironment":
        """The environment of the reader's language."""
        if self.overlayed:
            return self
        code = self.language()
        if code not in self.siblings:
            made, words = self.overlay(), self.catalogue()
            made.catalogue, made.found = lambda: words, {}
            self.siblings[code] = made
        return self.siblings[code]

    def get_template(self, name: str | Template, *args: Any, **more: Any) -> Template:
        """A template in the reader's language; within a page, in the page's. Each page asks for some thirty."""
        here = self.sibling()
        kept = here.found.get(name)
        if kept is None or self.auto_reload:
            kept = here.found[name] = super(PageEnvironment, here).get_template(name, *args, **more)
        return kept

    def select_template(self, names: Any, *args: Any, **more: Any) -> Template:
        """The first of several that exists."""
        return super(PageEnvironment, self.sibling()).select_template(names, *args, **more)

    def from_string(self, source: Any, *args: Any, **more: Any) -> Template:
        """A template that is written in the code."""
        return super(PageEnvironment, self.sibling()).from_string(source, *args, **more)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        escapes = self.autoescape(name) if callable(self.autoescape) else self.autoescape
        translated = Translation(self.catalogue(), escapes=escapes).visit(source)
        return super()._generate(translated, name, filename, defer_init)
