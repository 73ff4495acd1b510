"""What deploy/ delivers: units that systemd understands, a compose file in our form, runbooks that can be followed."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError

from benchmarks.sizing import PAGE, page
from tests.deploy.place import ROOT
from tests.docs.pages import code, links
from yizhengtong import __version__

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
PAGES = [*RUNBOOKS, *sorted(DEPLOY.glob("*.md"))]
CASES = (
    "lost-key", "restored-backup", "wrong-pack", "office-merged", "officer-leaves", "breach", "disk-full",
    "sealer-stopped", "certificate-expired",
)  # fmt: skip
PARTS = ("How you notice", "What to do", "How you know it is over", "Who must be told")
HARDENED = (
    "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "UMask=0077",
    "CapabilityBoundingSet=", "SystemCallFilter=@system-service",
)  # fmt: skip
names = pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)


@names
def test_a_unit_is_hardened_and_belongs_to_an_account_of_its_own(unit: Path) -> None:
    text = unit.read_text()
    assert [line for line in HARDENED if line not in text.splitlines()] == []
    assert re.search(r"^User=(yizhengtong|yizhengtong-sealer|postgres)$", text, re.MULTILINE)
    assert not re.search(r"PASSWORD|SECRET|postgresql://", text)


@names
def test_a_refused_start_is_not_tried_again(unit: Path) -> None:
    text = unit.read_text()
    assert ("Restart=" in text) is ("RestartPreventExitStatus=78" in text)


@names
def test_a_unit_runs_a_command_that_exists(unit: Path) -> None:
    (command,) = re.findall(r"^ExecStart=(\S+) ?(\S*)", unit.read_text(), re.MULTILINE)
    assert (ROOT / command[0].removeprefix("/opt/yizhengtong/")).is_file()
    assert not command[0].endswith("bin/yzt") or command[1] in get_commands()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed here")
def test_systemd_understands_every_unit_and_calls_none_exposed(tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text().replace("/opt/yizhengtong", str(ROOT))
        (tmp_path / path.name).write_text(text)
    files = [str(path) for path in sorted(tmp_path.iterdir())]
    told = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    ours = [line for line in told.stderr.splitlines() if "yizhengtong" in line and "Failed to create" not in line]
    assert ours == []
    services = [path for path in files if path.endswith(".service")]
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=25", *services],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout[-2000:]


def test_every_timer_has_its_service() -> None:
    timers = sorted((DEPLOY / "systemd").glob("*.timer"))
    assert len(timers) == 3
    for timer in timers:
        assert timer.with_suffix(".service").exists()
        parser = configparser.ConfigParser()
        parser.read(timer)
        assert parser["Timer"]["Persistent"] == "yes"


def test_the_compose_file_is_in_our_form() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert set(compose) == {"name", "x-platform", "services", "networks", "volumes", "secrets"}
    assert {"database", "web", "worker", "sealer", "scanner", "proxy"} == set(compose["services"])
    published = [name for name, service in compose["services"].items() if "ports" in service]
    assert published == ["web"]  # whose network the proxy shares
    for name, service in compose["services"].items():
        assert _what_is_wrong(name, service, compose) == []


def test_the_platforms_own_image_is_named_by_its_release() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert compose["x-platform"]["image"] == f"yizhengtong:{__version__}"
    (base,) = re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert re.fullmatch(r"debian:12\.\d+-slim", base)


@pytest.mark.parametrize("image", ["postgres:latest", "postgres:15-bookworm", "clamav/clamav:1.4", "debian", "nginx:1"])
def test_a_tag_that_moves_is_no_release(image: str) -> None:
    service = {"image": image, "security_opt": ["no-new-privileges:true"], "restart": "no", "logging": {}}
    assert _what_is_wrong("one", service, {}) == [f"one: {image} is not one release"]


def test_the_sealer_is_told_where_its_checkpoints_and_keys_are(tmp_path: Path) -> None:
    names = {"YZT_AUDIT_CHECKPOINTS", "YZT_AUDIT_KEYS"}
    unit = (DEPLOY / "systemd" / "yizhengtong-sealer.service").read_text()
    in_unit = dict(re.findall(r"^Environment=(\w+)=(\S+)", unit, re.MULTILINE))
    assert in_unit.keys() == names
    assert all(path.startswith("/var/lib/yizhengtong-sealer/") for path in in_unit.values())
    passwords = tmp_path / "passwords"
    passwords.write_text("yzt_web abc\nyzt_sealer def\n")
    subprocess.run(
        ["sh", str(DEPLOY / "write-environments"), str(passwords)],
        env={"PATH": "/usr/bin:/bin", "YZT_ENVIRONMENTS": str(tmp_path)}, check=True, capture_output=True,
    )  # fmt: skip
    written = dict(line.split("=", 1) for line in (tmp_path / "sealer.env").read_text().splitlines())
    assert {name: written[name] for name in names} == in_unit
    assert "YZT_AUDIT" not in (tmp_path / "web.env").read_text()
    sealer = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["sealer"]
    assert names <= sealer["environment"].keys()


def test_the_compose_files_check_sees_what_is_wrong() -> None:
    wrong = {
        "image": "postgres:latest",
        "privileged": True,
        "volumes": ["nowhere:/x"],
        "environment": {"P": "password"},
    }
    assert len(_what_is_wrong("wrong", wrong, {"volumes": {}, "secrets": {}, "networks": {}})) >= 5


def _what_is_wrong(name: str, service: dict[str, Any], compose: dict[str, Any]) -> list[str]:
    image = str(service.get("image", ""))
    wrong = []
    if not re.search(r":[0-9]+\.[0-9]+(\.[0-9]+|-[\w.-]+)", image):
        wrong.append(f"{name}: {image} is not one release")
    if service.get("privileged") or "no-new-privileges:true" not in service.get("security_opt", []):
        wrong.append(f"{name}: may gain privileges")
    if "restart" not in service:
        wrong.append(f"{name}: does not come back")
    if "logging" not in service:
        wrong.append(f"{name}: has no log")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if not source.startswith("./") and source not in compose["volumes"]:
            wrong.append(f"{name}: no volume {source}")
    wrong += [f"{name}: no secret {each}" for each in service.get("secrets", []) if each not in compose["secrets"]]
    wrong += [f"{name}: no network {each}" for each in service.get("networks", []) if each not in compose["networks"]]
    for variable, value in service.get("environment", {}).items():
        if str(value).startswith("/run/secrets/"):
            continue
        if re.search(r"pass|secret|token", f"{variable}{value}", re.IGNORECASE) and not variable.endswith("_FILE"):
            wrong.append(f"{name}: a secret in {variable}")
    return wrong


@pytest.mark.parametrize("name", CASES)
def test_a_runbook_says_how_to_notice_what_to_do_when_it_is_over_and_whom_to_tell(name: str) -> None:
    text = (ROOT / "docs" / "runbooks" / f"{name}.md").read_text()
    assert [
        part for part in PARTS if f"**{part}" not in text and f"{part.split()[0].lower()} to do.**" not in text
    ] == []
    told = text.split("**Who must be told")[1]
    assert re.search(r"\bart\. \d+|Nobody by law|\(M\)|, M\)", told), "who must be told, with the article"
    assert f"{name}.md" in (ROOT / "docs" / "runbooks" / "README.md").read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_line_of_a_page_is_one_that_the_command_takes(path: Path) -> None:
    for line in _our_commands(path.read_text()):
        words = shlex.split(line.split(">")[0].split("<")[0].replace("…", "x"))
        if len(words) == 1 or words[0] == "procrastinate":
            assert words[0] == "help" or words[0] in get_commands(), line
            continue
        parser = load_command_class(get_commands()[words[0]], words[0]).create_parser("yzt", words[0])
        try:
            parser.parse_args(words[1:])
        except (CommandError, SystemExit) as error:
            raise AssertionError(f"{path.name}: yzt {line}: {error}") from None


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("*.md")), ids=lambda path: path.name)
def test_every_link_and_file_of_a_page_of_deploy_exists(path: Path) -> None:
    text = path.read_text()
    assert [target for target in links(text) if not (path.parent / target).exists()] == []
    named = re.findall(r"(?:/opt/yizhengtong/|\s)(deploy/[\w./-]+)", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_environment_file_sets_only_what_can_be_set() -> None:
    from yizhengtong.project.configuration import Configuration

    known = {f"YZT_{name.upper()}" for name in Configuration.model_fields}
    text = (DEPLOY / "environment" / "common.env").read_text()
    assert set(re.findall(r"^(YZT_\w+)=", text, re.MULTILINE)) <= known


def test_the_sizing_table_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m benchmarks.sizing"


def _our_commands(text: str) -> list[str]:
    """Return what follows `bin/yzt` or `deploy/yzt-as PROCESS` in the shell of a page."""
    joined = text.replace("\\\n", " ")
    found = []
    for line in code(joined):
        match = re.search(r"(?:\bbin/yzt|\bdeploy/yzt-as \w+) +([a-z_]+\b.*)", line)
        if match:
            found.append(match.group(1))
    return found
