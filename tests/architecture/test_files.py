"""The rules about files: sizes, names, one direction of imports, what a start-up must not load."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "matchhub"
SOURCES = sorted(p for p in PACKAGE.rglob("*.py"))
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
LAYERS = {
    "enums", "models", "policy", "workflow", "news", "queries", "services", "forms", "views", "notices", "jobs",
    "imports", "exports",
}  # fmt: skip
# docs/adr/0007: what only one feature has
OWN = {"matches": {"engine", "kinds", "reasons", "comparison", "telling"}, "listings": {"recipes"}}
WRITING = re.compile(
    r"session\.(add|add_all|delete)\(|session\(\)\.(add|delete)\(|audit\.record\(|\.advance\(|(?<!\w)(insert|delete)\("
)
OWN_TRANSACTION = re.compile(r"ledger\.|unit_of_work\(|publishing\.")
FEATURES = (
    "accounts",
    "disclosure",
    "profiles",
    "listings",
    "matches",
    "introductions",
    "pipelines",
    "mentoring",
    "events",
    "oversight",
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_stays_small_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_no_file_is_a_drawer() -> None:
    assert [p for p in SOURCES if p.stem in DRAWERS or p.parent.name in DRAWERS] == []


@pytest.mark.parametrize("feature", FEATURES)
def test_inside_a_feature_the_file_name_is_the_layer(feature: str) -> None:
    names = {
        p.stem
        for p in (PACKAGE / feature).iterdir()
        if p.name not in ("__init__.py", "__pycache__") and p.suffix != ".json"
    }

    assert names <= LAYERS | OWN.get(feature, set())


def test_imports_run_one_way() -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True,
        check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout[-3000:]


def test_the_web_process_starts_without_scikit_learn() -> None:
    code = (
        "import sys, pathlib, tempfile\n"
        "from matchhub.app import create_app\n"
        "from matchhub.settings import Settings\n"
        "create_app(Settings(secret_key='x' * 40, environment='test', data_dir=pathlib.Path(tempfile.mkdtemp())))\n"
        "print([m for m in ('sklearn', 'scipy', 'rjieba', 'pandas') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert ran.stdout.strip().splitlines()[-1] == "[]"


def test_every_service_that_touches_rows_runs_in_the_write_phase() -> None:
    bare = []
    for path in SOURCES:
        if "services" not in (path.stem, path.parent.name) or (
            path.name == "__init__.py" and path.parent.name != "services"
        ):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                decorators = {getattr(d, "id", getattr(d, "attr", "")) for d in node.decorator_list}
                if (
                    "writes" not in decorators
                    and WRITING.search(source := ast.unparse(node))
                    and not OWN_TRANSACTION.search(source)
                ):
                    bare.append(f"{path.relative_to(ROOT)}:{node.name}")

    assert bare == []


def test_only_one_place_commits() -> None:
    commits = [
        str(p.relative_to(PACKAGE))
        for p in SOURCES
        if re.search(r"session\.commit\(\)|\.session\(\)\.commit\(", p.read_text(encoding="utf-8"))
    ]

    assert commits == ["core/db.py", "core/ledger.py"]


def test_no_view_changes_rows_by_hand() -> None:
    touched = [
        str(p.relative_to(PACKAGE))
        for p in SOURCES
        if ("views" in (p.stem, p.parent.name))
        and re.search(r"session\.(add|delete|merge|flush)\(|populate_obj", p.read_text(encoding="utf-8"))
    ]

    assert touched == []


def test_public_modules_say_what_they_are_for() -> None:
    silent = [str(p.relative_to(ROOT)) for p in SOURCES if ast.get_docstring(ast.parse(p.read_text("utf-8"))) is None]

    assert silent == []
