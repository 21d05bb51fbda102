"""The README against the code: every command, setting, address and link in it exists, and the other way round."""

import json
import re
from pathlib import Path
from statistics import mean

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from backend.settings import ROOT, Settings
from tests.backend.accounts import login
from tests.backend.readable import copy_version, point_at

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
# What changes something is not asked for.
OTHER_METHODS = {"/api/read", "/api/feedback", "/admin/logout", "/admin/language", "/telegram/update"}
FLASK_OWN_COMMANDS = {"db", "limiter", "run", "routes", "shell"}  # and those of its extensions


def table(heading: str) -> list[list[str]]:
    """The rows of the README's table whose first heading is `heading`, cells without their backquotes."""
    lines = README.split(f"| {heading} |", 1)[1].splitlines()[2:]
    rows = [line for line in lines[: lines.index("") if "" in lines else None] if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows]


def test_it_starts_with_the_two_commands() -> None:
    blocks = re.findall(r"^```\n(.*?)\n```$", README, flags=re.S | re.M)
    assert blocks[:2] == ["make run", "make test"]


def test_make_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    assert set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z]+)", TEXT)) <= targets
    assert {row[0].removeprefix("make ") for row in table("command") if row[0].startswith("make ")} == targets


def test_python_modules() -> None:
    named = set(re.findall(r"python -m ((?:training|backend|scripts)[.\w]*)", TEXT))
    files = {name: ROOT / f"{name.replace('.', '/')}.py" for name in named}
    files |= {
        name: path.with_suffix("") / "__main__.py" for name, path in files.items() if path.with_suffix("").is_dir()
    }
    assert [
        name for name, path in files.items() if not path.exists() or "__main__" not in path.read_text("utf-8")
    ] == []
    commands = {
        f"training.{path.stem}" for path in (ROOT / "training").glob("*.py") if '"__main__"' in path.read_text("utf-8")
    }
    assert commands <= named


def test_flask_commands(app: Flask) -> None:
    named = set(re.findall(r"flask --app backend ([a-z_]+)", TEXT))
    existing = set(app.cli.list_commands(None))  # type: ignore[arg-type]
    assert named <= existing | FLASK_OWN_COMMANDS
    assert existing - FLASK_OWN_COMMANDS <= named


def test_every_command_has_help(app: Flask) -> None:
    for name, command in app.cli.commands.items():
        result = CliRunner().invoke(command, ["--help"])
        assert result.exit_code == 0, name
        assert name in FLASK_OWN_COMMANDS or "Example:" in result.output, name


def test_settings() -> None:
    documented = {name: default for name, default, _ in table("variable")}
    defaults = {}
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = str(default.relative_to(ROOT)) if isinstance(default, Path) else str(default)
        defaults[f"METER_{name.upper()}"] = shown
    assert documented == defaults
    assert set(re.findall(r"METER_[A-Z_]+", TEXT)) <= set(defaults)


def test_addresses(app: Flask, client: FlaskClient, settings: Settings) -> None:
    point_at(copy_version(settings.static / "model"))
    documented = {row[0] for row in table("address")}
    assert {documented_as(rule) for rule in app.url_map.iter_rules()} <= documented
    login(client, "admin")
    for address in documented:
        if "<" not in address and address not in OTHER_METHODS:
            assert client.get(address).status_code in (200, 302), address  # the login page sends on who is in


def documented_as(rule: Rule) -> str:
    """How the README names an address: a page of the panel and what is inside it are one."""
    page = re.match(r"/admin/([a-z-]+/)?", rule.rule)
    whole = rule.endpoint.split(".")[0] in ("login", "pictures") or rule.endpoint == "admin.static"
    return page[0] if page and not whole else rule.rule


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_paths(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []
    assert document == ROOT / "README.md" or f"](docs/{document.name})" in README
    folders = re.findall(r"`((?:frontend|static|training|backend|tests|scripts|docs)/[\w./-]*)`", text)
    assert [path for path in folders if not (ROOT / path).exists()] == []


def test_what_it_descends_from_has_the_measured_figures() -> None:
    """Ours, as the results files say; a recipe that is not measured says so."""
    rows = {
        re.findall(r"recipe ([a-z_]+)", row[2])[0]: row[4] for row in table("system") if "training.recipe" in row[2]
    }
    assert rows
    read = json.loads((ROOT / "docs" / "results" / "validate.json").read_text("utf-8"))["together"]["exact"]
    assert f"{read['value']:.1%}" in [row[4] for row in table("system")], "the published reader's"
    assert all("--full" in row[2] for row in table("system") if "training.recipe" in row[2]), "as it was measured"
    for name, ours in rows.items():
        file = ROOT / "docs" / "results" / "recipes" / f"{name}.json"
        if not file.is_file():
            assert ours == "not measured yet"
            continue
        results = json.loads(file.read_text("utf-8"))
        if "curves" in results:
            guess = json.loads((ROOT / "docs" / "results" / "first_guess.json").read_text("utf-8"))
            error, curves = guess["errors"][guess["method"]], results["curves"]
            told = [each.get("half_to_all") for each in (curves["together"], *curves["types"].values())]
            off = mean(abs(each["chosen"]) for each in told if each)
            missed = f"{100 * error['points']:.1f} points off, {100 * error['worst']:.0f} the worst"
            half = f"from half the data to all of it: {100 * off:.1f} on average"
            assert ours == f"a guess from four pictures: {missed}; {half}", "what theirs was measured by comes first"
            continue
        values = [figure["measured"]["value"] for figure in results["figures"]]
        assert ours in {f"{value:.{digits}%}" for value in values for digits in (1, 2)}, name
