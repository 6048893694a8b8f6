"""Templates, compiled once for each language: their own words stand in them as constants, like the markup around them.

A page says some two hundred sentences of its templates. Looked up while it is written, they cost a third of the page.
"""

from collections.abc import Callable, Mapping
from keyword import iskeyword
from typing import Any

from flask.templating import Environment
from jinja2 import nodes, Template
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from matchhub.core.quickness import sayer

ICON = "components/icon.html"


class Translation(NodeTransformer):
    """Puts what one language's pages know beforehand in its place: `_("…")`, `icon("…")`, `static_url("…")` as constants, and
    functions that every page has as themselves. What is only known later is left to the page."""

    def __init__(self, environment: "PageEnvironment", source: nodes.Template, *, escapes: bool) -> None:
        self.environment, self.escapes = environment, escapes
        self.wrap = Markup if escapes else str
        self.taken = _names_given(source)

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 -- the name that Jinja's visitor looks for
        """Calls of what is known; other calls stay as they are."""
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if not name or name in self.taken:
            return node
        if name == "_":
            return self._said(node)
        if name in ("icon", "static_url") and _is_literal(node):
            return self._shown(name, node)
        if name in self.environment.functions and _is_plain(node):
            node.node = nodes.ImportedName(self.environment.functions[name])
        return node

    def _said(self, node: nodes.Call) -> nodes.Expr:
        """`_("…")` and `_("…", name=value)` as the words; `_(label)` as a look-up among the words of this language."""
        if not _is_plain(node) or len(node.args) != 1:
            return node
        sentence = node.args[0]
        if isinstance(sentence, nodes.Const):
            words = nodes.Const(self.wrap(self.environment.catalogue().ugettext(sentence.value)))
            values = [nodes.Pair(nodes.Const(given.key), given.value) for given in node.kwargs]
            if not values:
                return nodes.Const(words.value % {})
            return nodes.Mod(words, nodes.Dict(values), lineno=node.lineno)
        if self.escapes:
            node.node = nodes.EnvironmentAttribute("said")
        return node

    def _shown(self, name: str, node: nodes.Call) -> nodes.Expr:
        """An icon or the address of a file, as it looks on every page."""
        module: Any = self.environment.get_template(ICON).module if name == "icon" else None
        found: Any = module.icon if module else self.environment.globals[name]
        given = [argument.value for argument in node.args]  # type: ignore[attr-defined]
        named = {argument.key: argument.value.value for argument in node.kwargs}  # type: ignore[attr-defined]
        return nodes.Const(found(*given, **named))


def _names_given(source: nodes.Template) -> set[str]:
    """Names that a template gives a meaning of its own: variables, parameters, macros, imports (the icon's own excepted)."""
    given = {name.name for name in source.find_all(nodes.Name) if name.ctx in ("store", "param")}
    given |= {macro.name for macro in source.find_all(nodes.Macro)}
    given |= {imported.target for imported in source.find_all(nodes.Import)}
    for imported in source.find_all(nodes.FromImport):
        is_icon = isinstance(imported.template, nodes.Const) and imported.template.value == ICON
        names = {name if isinstance(name, str) else name[1] for name in imported.names}
        given |= names - {"icon"} if is_icon else names
    return given


def _is_plain(node: nodes.Call) -> bool:
    """Whether all that is given to a call stands in it, under names that Python can write."""
    named = all(given.key.isidentifier() and not iskeyword(given.key) for given in node.kwargs)
    return named and node.dyn_args is None and node.dyn_kwargs is None


def _is_literal(node: nodes.Call) -> bool:
    """Whether a call gives only constants."""
    given = [*node.args, *(named.value for named in node.kwargs)]
    return _is_plain(node) and all(isinstance(value, nodes.Const) for value in given)


class PlainCode(CodeGenerator):
    """Calls with what the template gives alone: nothing that our templates call asks for the variables of the loop. What is
    written out is escaped text, as nothing asks it again whether it is safe."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        self.writeline("from matchhub.core.quickness import plain")
        super().visit_Template(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        plain = frame.copy()
        plain.loop_frame = plain.block_frame = False
        if not isinstance(node.node, nodes.ImportedName | nodes.EnvironmentAttribute):
            super().visit_Call(node, plain, forward_caller=forward_caller)
            return
        self.visit(node.node, plain)
        self.write("(")
        for argument in node.args:
            self.visit(argument, plain)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, plain)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("plain(")
        else:
            super()._output_child_pre(node, frame, finalize)


class PageEnvironment(Environment):
    """Flask's environment, which hands each reader to a sibling of its own language."""

    code_generator_class = PlainCode
    language: Callable[[], str]  # of the reader
    root: Callable[[], str]  # under which path the reader has the application
    catalogue: Callable[[], Any]  # of the reader; in a sibling, of all its readers
    said: Callable[..., str]  # what `_` gives in a sibling
    functions: Mapping[str, str]  # what every page may call, by the name in templates, with where it is
    siblings: dict[tuple[str, str], "PageEnvironment"]
    found: dict[str | Template, Template]  # of one language, by name

    def speak(
        self,
        *,
        language: Callable[[], str],
        root: Callable[[], str],
        catalogue: Callable[[], Any],
        functions: Mapping[str, str],
    ) -> None:
        """Say how the reader's language and catalogue are found. Call when all else is set: siblings copy it."""
        self.language, self.root, self.catalogue, self.functions = language, root, catalogue, functions
        self.siblings, self.found = {}, {}

    def sibling(self) -> "PageEnvironment":
        """The environment of the reader's language, and of the path under which addresses begin."""
        if self.overlayed:
            return self
        key = self.language(), self.root()
        found = self.siblings.get(key)
        if found is None:
            found, words = self.overlay(), self.catalogue()
            found.catalogue, found.found, found.said = lambda: words, {}, sayer(words)
            self.siblings[key] = found
        return found

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
        translated = Translation(self, source, escapes=escapes).visit(source)
        return super()._generate(translated, name, filename, defer_init)
