"""Small files and texts that grow when they are opened: each is refused before it has grown, or cannot grow."""

import ast
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import yaml

from yizhengtong.foundation.documents.checking import ContentKind, check_file
from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS
from yizhengtong.foundation.documents.tests.files import deflated_spaces, jpeg, png_claiming
from yizhengtong.kernel.errors import Invalid
from yizhengtong.law import nodes
from yizhengtong.law.errors import PackErrors
from yizhengtong.law.reading import Library

DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'


def zipped(name: str) -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * 10_000_000)
    return output.getvalue()


REFUSED: dict[str, bytes] = {
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "XML bomb": DOCTYPE,
    "SVG with entities": DOCTYPE.replace(b"<a>", b"<svg>"),
    "HTML": b"<!doctype html><script>1</script>",
    "Word document": zipped("word/document.xml"),
    "ZIP": zipped("x"),
    "gzip": b"\x1f\x8b\x08" + b"\0" * 100,
    "GIF": b"GIF89a" + b"\0" * 100,
    "TIFF": b"II*\0" + b"\0" * 100,
    "WebP": b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 100,
    "AVIF": b"\0\0\0 ftypavif" + b"\0" * 100,
    "PostScript": b"%!PS-Adobe-3.0\n",
    "ELF": b"\x7fELF" + b"\0" * 100,
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("declared", ["", "image/png", "application/pdf", "image/svg+xml"])
def test_what_is_neither_picture_nor_pdf_is_never_opened(name: str, declared: str) -> None:
    for kind in ContentKind:
        with pytest.raises(Invalid) as refused:
            check_file(REFUSED[name], declared, kind)
        assert refused.value.code in {"documents.unsupported_type", "documents.disguised"}


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (2**31 - 1, 1), (1, 2**31 - 1), (40_000, 1001)])
def test_a_png_is_bounded_by_what_it_claims(width: int, height: int) -> None:
    with pytest.raises(Invalid) as refused:
        check_file(png_claiming(width, height), "image/png", ContentKind.EVIDENCE)
    assert refused.value.code == "documents.too_many_pixels"


def with_scans(content: bytes, scans: int) -> bytes:
    """Return a progressive JPEG whose last scan comes again and again."""
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * (scans - content.count(b"\xff\xda")) + b"\xff\xd9"


def test_a_large_jpeg_has_as_few_scans_as_cameras_write() -> None:
    """241 kB of 40 megapixels with 100 scans took a processor for 6 seconds."""
    large = jpeg(5600, 6500, progressive=True, quality=30)
    with pytest.raises(Invalid) as refused:
        check_file(with_scans(large, 15), "image/jpeg", ContentKind.EVIDENCE)
    assert refused.value.code == "documents.bomb"


def test_a_small_jpeg_may_have_more_scans() -> None:
    assert check_file(with_scans(jpeg(progressive=True), 20), "image/jpeg", ContentKind.EVIDENCE).width == 600


def pages_that_share(document: pikepdf.Pdf) -> None:
    document.add_blank_page()
    tree = document.Root.Pages
    tree.Kids = pikepdf.Array([tree.Kids[0]] * 60)
    tree.Count = 60


def pages_in_a_ring(document: pikepdf.Pdf) -> None:
    document.add_blank_page()
    document.Root.Pages.Kids.append(document.Root.Pages)


def much_unpacked(document: pikepdf.Pdf) -> None:
    document.add_blank_page()
    stream = pikepdf.Stream(document, deflated_spaces(300))
    stream.Filter = pikepdf.Name.FlateDecode
    document.pages[0].Contents = document.make_indirect(stream)


def many_objects(document: pikepdf.Pdf) -> None:
    document.add_blank_page()
    document.Root.Many = pikepdf.Array(
        [document.make_indirect(pikepdf.Dictionary(N=at)) for at in range(DEFAULT_LIMITS.max_pdf_objects)]
    )


@pytest.mark.parametrize("grow", [pages_that_share, pages_in_a_ring, much_unpacked, many_objects])
def test_a_pdf_is_bounded_in_pages_objects_and_bytes(grow: Callable[[pikepdf.Pdf], None]) -> None:
    document, output = pikepdf.new(), BytesIO()
    grow(document)
    document.save(output, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    with pytest.raises(Invalid) as refused:
        check_file(output.getvalue(), "application/pdf", ContentKind.EVIDENCE)
    assert refused.value.code in {"documents.bomb", "documents.too_many_pages", "documents.incomplete"}


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [*{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}, *{before}]"
    for before, name in zip("abcdefghij", "bcdefghijk", strict=True)
)
PACKS = {
    "billion laughs": LAUGHS,
    "an object": "!!python/object/apply:os.system ['true']",
    "a module": "!!python/module:os",
    "deep lists": "[" * 50_000,
    "deep maps": "\n".join(f"{' ' * at}a:" for at in range(3000)),
    "a name twice": "a: 1\na: 2\n",
    "no text": "\x00",
    "a large number": "a: " + "9" * 100_000,
}


@pytest.mark.parametrize("name", PACKS)
def test_a_pack_that_is_no_pack_is_refused_and_does_nothing(name: str) -> None:
    with pytest.raises(PackErrors):
        Library.from_texts({"cn/permit.yaml": PACKS[name]})


LOADERS = {"yaml", "pickle", "marshal", "shelve"}


def loaders() -> list[tuple[str, str]]:
    """Return what each file of our code calls of those, as it is written."""
    root = Path(__file__).resolve().parents[2]
    calls = []
    for path in [*root.glob("yizhengtong/**/*.py"), *root.glob("scripts/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in LOADERS:
                calls.append((str(path.relative_to(root)), ast.unparse(node)))
    return calls


def test_nothing_is_loaded_that_can_run_code() -> None:
    """`compose` and `parse` build nodes only; the packs' own loader is looked at below."""
    safe = ("yaml.safe_load(", "yaml.safe_dump(", "yaml.compose(", "yaml.parse(")
    others = [(path, call) for path, call in loaders() if not call.startswith(safe)]
    assert {path for path, _ in others} == {"yizhengtong/foundation/yaml_files.py"}
    assert all(call.startswith("yaml.load(") and call.endswith(", Loader=yaml.CSafeLoader)") for _, call in others)


def test_the_packs_loader_is_a_safe_one() -> None:
    loaders = [each for each in vars(nodes).values() if isinstance(each, type) and "Loader" in each.__name__]
    assert loaders
    assert all(issubclass(loader, yaml.SafeLoader) for loader in loaders)


XML_PARSERS = ("xml.", "lxml", "html5lib", "bs4", "xmltodict")


def test_no_xml_is_parsed_anywhere() -> None:
    root = Path(__file__).resolve().parents[2] / "yizhengtong"
    using = [str(path) for path in root.rglob("*.py") if "tests" not in path.parts and _parses_xml(path.read_text())]
    assert not using


def _parses_xml(code: str) -> bool:
    return any(f"import {name}" in code or f"from {name}" in code for name in XML_PARSERS)
