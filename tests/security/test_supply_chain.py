"""What is linked is known, freely licensed and looked up: the SBOM and the audit of locked packages."""

import json
import sys
import zipfile
from datetime import date
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import audit_dependencies  # noqa: E402
import sbom  # noqa: E402

TODAY = date(2026, 11, 21)


def found() -> list[sbom.Package]:
    return sbom.packages(sbom.LOCK.read_text())


def test_every_locked_package_is_in_the_bill_with_version_licence_and_hashes() -> None:
    document = sbom.document(found())
    names = {component["name"] for component in document["components"]}
    assert {"django", "psycopg", "pikepdf", "granian"} <= names
    assert len(names) > 30
    for component in document["components"]:
        assert component["hashes"]
        assert component["licenses"][0] != {"license": {"name": ""}}
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"


def test_the_bill_is_the_same_for_the_same_lock_and_names_no_place() -> None:
    text = json.dumps(sbom.document(found()))
    assert text == json.dumps(sbom.document(found()))
    assert "://" not in text
    assert str(ROOT) not in text


def test_nothing_that_is_linked_binds_the_platform() -> None:
    assert sbom.faults(found()) == []


@pytest.mark.parametrize(
    ("licence", "binds"),
    [
        ("GPL-3.0-only", True),
        ("AGPL-3.0-or-later", True),
        ("GNU General Public License v2 (GPLv2)", True),
        ("GNU Affero General Public License v3", True),
        ("SSPL-1.0", True),
        ("GPL-2.0-only OR AGPL-3.0-only", True),
        ("GPL-2.0-only OR MIT", False),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MPL-2.0", False),
        ("MIT", False),
        ("", False),
    ],
)
def test_a_licence_binds_when_no_way_to_take_it_is_free(licence: str, binds: bool) -> None:
    assert sbom.is_binding(licence) is binds


def test_a_binding_and_an_unknown_licence_are_faults() -> None:
    wrong = [sbom.Package("a", "1", (), "AGPL-3.0-only", True), sbom.Package("b", "1", (), "", True)]
    assert sbom.faults(wrong) == ["b 1: no licence is known", "a 1: AGPL-3.0-only"]
    assert sbom.faults([sbom.Package("c", "1", (), "", is_installed=False)]) == []


def test_the_licence_is_the_expression_else_the_classifiers_else_the_text() -> None:
    told = Message()
    told["License"] = "a whole text\n" * 20
    assert sbom.licence_of(told) == "a whole text"
    told["Classifier"] = "License :: OSI Approved :: MIT License"
    assert sbom.licence_of(told) == "MIT License"
    told["License-Expression"] = "MIT"
    assert sbom.licence_of(told) == "MIT"


def advisory(*affected: str, package: str = "Django") -> dict[str, Any]:
    return {"id": "CVE-0", "package": package, "affected": list(affected)}


@pytest.mark.parametrize(
    ("version", "is_affected"),
    [("5.1.13", True), ("5.1.14", False), ("5.2", True), ("5.2.7", True), ("5.2.8", False)],
)
def test_an_affected_version_is_found_and_the_fixed_one_is_not(version: str, is_affected: bool) -> None:
    spans = advisory(">=5.0,<5.1.14", ">=5.2a1,<5.2.8")
    assert bool(list(audit_dependencies.affected({"django": {version}}, [spans]))) is is_affected


def test_every_lock_is_looked_at() -> None:
    known = audit_dependencies.versions()
    assert {"django", "pytest", "uv"} <= set(known)


def test_what_is_locked_has_no_weakness_that_the_advisories_know() -> None:
    kept = json.loads(audit_dependencies.ADVISORIES.read_text())
    assert list(audit_dependencies.affected(audit_dependencies.versions(), kept["advisories"])) == []


def test_old_and_partial_advisories_say_so() -> None:
    kept = {"taken_on": "2026-10-22", "is_complete": True, "source": "x"}
    assert audit_dependencies.doubts(kept, TODAY) == []
    assert audit_dependencies.doubts(kept | {"taken_on": "2026-10-21"}, TODAY) == ["the advisories are 31 days old"]
    assert len(audit_dependencies.doubts(kept | {"is_complete": False}, TODAY)) == 1


OSV = {
    "id": "GHSA-0",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Django"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "4.2.24"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "5.2"}, {"last_affected": "5.2.5"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "9"}]},
                {"type": "GIT", "events": [{"introduced": "0"}]},
            ],
            "versions": ["5.0.1"],
        },
        {"package": {"ecosystem": "npm", "name": "django"}, "versions": ["1"]},
        {"package": {"ecosystem": "PyPI", "name": "not-ours"}, "versions": ["1"]},
    ],
}


def test_an_export_of_advisories_is_read_and_cut_to_what_is_locked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("GHSA-0.json", json.dumps(OSV))
        packed.writestr("GHSA-1.json", json.dumps({**OSV, "id": "GHSA-1", "withdrawn": "2026-01-01"}))
    kept = audit_dependencies.refreshed(tmp_path / "all.zip", {"django": {"5.2.4"}}, TODAY)
    assert kept["taken_on"] == "2026-11-21"
    assert kept["advisories"] == [
        {"id": "GHSA-0", "package": "django", "affected": ["<4.2.24", "==5.0.1", ">=5.2,<=5.2.5", ">=9"]}
    ]
    assert len(list(audit_dependencies.affected({"django": {"5.2.4"}}, kept["advisories"]))) == 1
