"""Set-up does each step once, says what is missing, and touches nothing when nothing changed."""

import os
import subprocess
from pathlib import Path

import pytest
import setup

PROGRAMS = [
    ("scanner", "clamd", "clamav-daemon"),
    ("proxy", "nginx", "nginx-light"),
    ("token", "softhsm2-util", "softhsm2"),
]


@pytest.fixture
def nothing_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one folder where programs are looked for; none is in it."""
    (tmp_path / "programs").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.setattr(setup, "SERVERS", "")
    return tmp_path / "programs"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout with four locks; programs are written down instead of run."""
    (tmp_path / "requirements").mkdir()
    for name in ("tools", "runtime", "pkcs11", "dev"):
        (tmp_path / "requirements" / f"{name}.lock").write_text(f"{name}==1 --hash=sha256:00\n")
    monkeypatch.setattr(setup, "ROOT", str(tmp_path))
    monkeypatch.setattr(setup, "TOOLS", str(tmp_path / ".tools"))
    monkeypatch.setattr(setup, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(setup, "PYTHON", str(tmp_path / ".venv/bin/python"))
    monkeypatch.setattr(setup, "UV", str(tmp_path / ".tools/bin/uv"))
    return tmp_path


@pytest.fixture
def ran(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was run; pip makes uv, and uv makes the environment's Python."""
    commands: list[str] = []

    def write_down(*command: str, is_quiet: bool = False, is_checked: bool = True) -> int:
        words = " ".join(command).replace(str(checkout), "")
        commands.append(words)
        made = ".tools/bin/uv" if "pip install" in words else ".venv/bin/python" if "venv --quiet" in words else ""
        if made:
            (checkout / made).parent.mkdir(parents=True)
            (checkout / made).touch()
        return 0

    monkeypatch.setattr(setup, "run", write_down)
    return commands


def test_a_cold_call_installs_by_hash_and_a_second_does_nothing(ran: list[str]) -> None:
    assert setup.main(["runtime"]) == 0
    assert [command.split(" --quiet")[0].split("/")[-1] for command in ran[1:]][-1] == "uv pip sync"
    assert all("--require-hashes" in command for command in ran if "install" in command or "sync" in command)
    ran.clear()
    assert setup.main(["runtime"]) == 0
    assert ran == []


def test_an_environment_for_developing_serves_to_run_but_not_the_reverse(ran: list[str]) -> None:
    setup.main(["dev"])
    ran.clear()
    setup.main(["runtime"])
    assert ran == []
    (Path(setup.VENV) / ".lock-stamp").write_text(setup.lock_stamp("runtime"))
    setup.main(["dev"])
    assert len(ran) == 1
    assert ran[0].endswith("/requirements/dev.lock")


@pytest.mark.parametrize("changed", ["runtime", "dev"])
def test_a_changed_lock_is_installed_into_the_environment_that_is_there(
    ran: list[str], checkout: Path, changed: str
) -> None:
    setup.main(["dev"])
    ran.clear()
    (checkout / "requirements" / f"{changed}.lock").write_text("changed==2\n")
    setup.main(["dev"])
    assert [" venv " in command for command in ran] == [False]


def test_a_step_that_fails_leaves_no_stamp(ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    setup.main(["dev"])
    stamp = Path(setup.VENV) / ".lock-stamp"

    def fail(*command: str, **_: bool) -> int:
        raise setup.Stop("no network")

    stamp.write_text("dev of another lock\n")
    monkeypatch.setattr(setup, "run", fail)
    assert setup.main(["dev"]) == 1
    assert not stamp.exists()


@pytest.mark.parametrize("version", [(3, 10), (3, 13), (2, 7)])
def test_an_unfit_python_is_refused_with_what_to_do(version: tuple[int, int]) -> None:
    with pytest.raises(setup.Stop, match=r"3\.11 or 3\.12 is needed.*make PYTHON="):
        setup.check_version(version)


@pytest.mark.parametrize("version", [(3, 11), (3, 12)])
def test_a_fit_python_is_taken(version: tuple[int, int]) -> None:
    setup.check_version(version)


@pytest.mark.parametrize("home", [None, "", "/proc/nowhere", "/"])
def test_without_a_home_that_can_be_written_the_cache_is_in_the_checkout(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "UV_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    assert setup.tool_environment()["UV_CACHE_DIR"] == str(checkout / ".tools/cache")
    assert setup.tool_environment()["UV_PYTHON_DOWNLOADS"] == "never"


def test_a_home_that_can_be_written_keeps_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "UV_CACHE_DIR" not in setup.tool_environment()


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_a_missing_postgresql_15_fails_in_ci_and_is_said_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, code: int
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(setup, "find_postgres15", lambda: "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert setup.main(["database15"]) == code
    assert "not run: PostgreSQL 15 not found" in capsys.readouterr().err


def test_root_on_debian_installs_postgresql_15_without_a_cluster_and_restores_the_configuration(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration = "/etc/postgresql-common/createcluster.conf"
    story: list[str] = []

    def run(*command: str, **_: object) -> int:
        story.append(command[-1])
        return 0

    monkeypatch.setattr(setup, "run", run)
    monkeypatch.setattr(setup, "read", lambda path: {configuration: "create_main_cluster = true\n"}[path])
    monkeypatch.setattr(setup, "write", lambda _, text: story.append(text))
    setup.install_postgres15()
    assert story == [
        *("-qq", "postgresql-common", "create_main_cluster = false\n", "postgresql-15"),
        "create_main_cluster = true\n",
    ]


def test_only_version_15_is_taken_for_version_15(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = tmp_path / "postgres"
    monkeypatch.setenv("YZT_POSTGRES15", str(tmp_path))
    monkeypatch.setattr(setup, "DEBIAN_BINDIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", "/bin:/usr/bin")
    monkeypatch.setattr("shutil.which", lambda _: None)
    for version, found in (("15.18", str(tmp_path)), ("16.1", "")):
        server.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        server.chmod(0o755)
        assert setup.find_postgres15() == found


def test_an_unknown_step_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main(["everything"]) == 1
    assert "It knows: runtime, pkcs11, dev" in capsys.readouterr().err


def test_the_operators_command_finds_its_checkout_through_links(tmp_path: Path) -> None:
    checkout = tmp_path / "a checkout"
    (checkout / "bin").mkdir(parents=True)
    (checkout / "bin/yzt").write_text((Path(setup.ROOT) / "bin/yzt").read_text())
    (checkout / "bin/yzt").chmod(0o755)
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").write_text('#!/bin/sh\necho "$PYTHONPATH $*"\n')
    (checkout / ".venv/bin/python").chmod(0o755)
    (tmp_path / "links").mkdir()
    (tmp_path / "links/yzt").symlink_to("../a checkout/bin/yzt")
    (tmp_path / "again").symlink_to("links/yzt")
    command = [str(tmp_path / "again"), "redecide", "x y"]
    result = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/bin"}, check=True)
    assert result.stdout == f"{checkout} -m yizhengtong.project.manage redecide x y\n"


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
@pytest.mark.parametrize(("step", "program", "package"), PROGRAMS)
def test_a_missing_program_fails_in_ci_and_is_told_elsewhere(
    nothing_there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    step: str, program: str, package: str, ci: str, code: int,
) -> None:  # fmt: skip
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(setup, "is_root_on_debian", lambda: False)
    assert setup.main([step]) == code
    assert f"{program} not found. On Debian: apt install {package}." in capsys.readouterr().err


@pytest.mark.parametrize(("step", "program", "package"), PROGRAMS)
def test_root_on_debian_installs_a_missing_program_once(
    ran: list[str], nothing_there: Path, monkeypatch: pytest.MonkeyPatch, step: str, program: str, package: str
) -> None:
    def install(*command: str, **_: object) -> int:
        ran.append(" ".join(command))
        if command[-1] == package:
            (nothing_there / program).touch(0o755)
        return 0

    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(setup, "is_root_on_debian", lambda: True)
    monkeypatch.setattr(setup, "run", install)
    assert [setup.main([step]), setup.main([step])] == [0, 0]
    assert ran == ["apt-get update -qq", f"apt-get install -y -qq --no-install-recommends {package}"]


@pytest.mark.parametrize("ci", ["true", ""])
def test_a_missing_browser_fails_everywhere(
    nothing_there: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(setup, "is_root_on_debian", lambda: False)
    assert setup.main(["browser"]) == 1
    assert "apt install chromium fonts-noto-cjk" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["chromium", "fonts"])
def test_root_on_debian_installs_browser_and_fonts_once(
    ran: list[str], nothing_there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    fonts = tmp_path / "NotoSansCJK.ttc"
    (fonts if missing == "chromium" else nothing_there / "chromium").touch(0o755)

    def install(*command: str, **_: object) -> int:
        ran.append(" ".join(command))
        if "chromium" in command:
            fonts.touch()
            (nothing_there / "chromium").touch(0o755)
        return 0

    monkeypatch.setattr(setup, "CJK_FONTS", str(fonts))
    monkeypatch.setattr(setup, "is_root_on_debian", lambda: True)
    monkeypatch.setattr(setup, "run", install)
    assert [setup.main(["browser"]), setup.main(["browser"])] == [0, 0]
    assert ran == ["apt-get update -qq", "apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk"]


def test_an_environment_with_the_library_for_tokens_serves_to_run(ran: list[str]) -> None:
    setup.main(["pkcs11"])
    ran.clear()
    setup.main(["runtime"])
    assert ran == []
