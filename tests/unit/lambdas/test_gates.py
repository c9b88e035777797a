"""What others say about the templates: AWS's linter, its transform, and a scanner for gaps."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES
from deploy import ROOT
from deploy.aws.templates import templates

TOOLS = ROOT / ".venv-aws" / "bin"
TRANSFORM = """
import json, sys
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
for path in sys.argv[1:]:
    template = json.load(open(path))
    values = {name: item.get("Default", "x,y") for name, item in template["Parameters"].items()}
    print(json.dumps(Translator({}, Parser()).translate(template, values)))
"""


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    tool = TOOLS / program
    if not tool.exists():
        raise RuntimeError(f"{program} is missing: python3 deploy/bootstrap.py test")
    command = [str(tool), *map(str, arguments)]
    # The transform asks for a region, and for nothing that is in it.
    environment = {"PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "eu-west-1", "HOME": "/nowhere"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT
    )


def lint(*paths: Path) -> subprocess.CompletedProcess[str]:
    return run("cfn-lint", "-r", "eu-west-1", "--", *paths)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What checkov holds against the templates, and one that is wrong, by file: it starts slowly,
    so it is asked once. Offline: it would ask for nothing but news."""
    wrong = tmp_path_factory.mktemp("wrong") / "wrong.json"
    text = templates()["deploy/aws/data.json"]
    wrong.write_text(text.replace('"StorageEncrypted": true', '"StorageEncrypted": false'))
    assert wrong.read_text() != text
    # Without the path of the checkout: checkov takes forty letters and slashes in it for a secret.
    ours = [path.relative_to(ROOT) for path in committed()]
    files = [word for path in (*ours, wrong) for word in ("-f", str(path))]
    rules = ("--config-file", str(ROOT / "deploy" / "aws" / "checkov.yaml"))
    done = run("checkov", "--skip-download", *rules, "-o", "json", *files)
    assert done.stdout, done.stderr[-2000:]
    said = json.loads(done.stdout)
    assert said["summary"]["parsing_errors"] == 0
    assert said["summary"]["passed"] > 200
    found: dict[str, list[str]] = defaultdict(list)
    for item in said["results"]["failed_checks"]:
        name = "wrong" if "wrong.json" in item["file_path"] else "committed"
        found[name].append(f"{item['check_id']} {item['file_path']} {item['resource']}")
    return found


def committed() -> list[Path]:
    return [ROOT / path for path in templates()]


def test_cfn_lint_finds_nothing(tmp_path: Path):
    for path, text in templates(is_split=True).items():
        if path.endswith("lambda.json"):
            (tmp_path / path.replace("/", "-")).write_text(text)
    done = lint(*committed(), *sorted(tmp_path.iterdir()))
    assert (done.returncode, done.stdout) == (0, "")


def test_cfn_lint_would_find_something(tmp_path: Path):
    path = "backend/profiles/deploy/aws/lambda.json"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(templates()[path].replace('"Ref": "SubnetIds"', '"Ref": "Nothing"'))
    assert lint(wrong).returncode != 0


@pytest.mark.timeout(120)
def test_checkov_finds_nothing_that_is_not_explained(findings: dict[str, list[str]]):
    assert findings["committed"] == []
    (found,) = findings["wrong"]
    assert found.endswith("AWS::RDS::DBCluster.Database"), "it would find something"


def test_the_transform_makes_of_each_function_what_was_meant():
    paths = [ROOT / f"backend/{service}/deploy/aws/lambda.json" for service in SERVICES]
    done = run("python", "-c", TRANSFORM, *paths)
    assert done.returncode == 0, done.stderr[-2000:]
    for path, line in zip(paths, done.stdout.splitlines(), strict=True):
        before, after = json.loads(path.read_text())["Resources"], json.loads(line)["Resources"]
        assert set(before) == set(after), "the transform adds nothing, a policy or a role say"
        kinds = {item["Type"] for item in after.values()}
        assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
        for item in after.values():
            if item["Type"] == "AWS::Lambda::Function":
                assert item["Properties"]["Timeout"] <= 29
                assert item["Properties"]["KmsKeyArn"] == {"Ref": "KeyArn"}
                assert item["Properties"]["Environment"]["Variables"]["SOSA_KEYS"]
