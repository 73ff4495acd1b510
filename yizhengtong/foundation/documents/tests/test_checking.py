"""What is accepted, what is refused with which code, and what is left of it."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from yizhengtong.foundation.documents.checking import JPEG, PDF, PNG, ContentKind, check_file
from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS
from yizhengtong.foundation.documents.tests import files
from yizhengtong.kernel.errors import Invalid, Problem

EVIDENCE, PHOTO = ContentKind.EVIDENCE, ContentKind.PHOTO


def refusal(content: bytes, declared: str, kind: ContentKind = EVIDENCE) -> str:
    with pytest.raises(Invalid) as refused:
        check_file(content, declared, kind)
    return refused.value.code


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"", JPEG) == "documents.empty"


def test_a_file_of_the_largest_size_is_not_too_large_and_one_byte_more_is() -> None:
    content = files.jpeg().ljust(DEFAULT_LIMITS.max_bytes, b"\0")
    assert check_file(content, JPEG, EVIDENCE).media_type == JPEG
    assert refusal(content + b"\0", JPEG) == "documents.too_large"


@pytest.mark.parametrize(("content", "declared"), [
    (files.jpeg(), PNG), (files.png(), JPEG), (files.png(), PDF), (b"MZ\x90\0" + bytes(500), JPEG),
    (b"PK\x03\x04" + bytes(500), PDF), (b"<svg onload='x'/>", PNG), (files.jpeg(), "text/html"),
])  # fmt: skip
def test_a_disguised_file_is_refused(content: bytes, declared: str) -> None:
    assert refusal(content, declared) == "documents.disguised"


@pytest.mark.parametrize("content", [b"RIFF\0\0\0\0WEBPVP8 ", b"\0\0\0\x18ftypheic", b"GIF89a", b"hello"])
def test_other_types_are_refused_by_content_whatever_their_name(content: bytes) -> None:
    assert refusal(content, "image/webp") == "documents.unsupported_type"
    assert refusal(content, "") == "documents.unsupported_type"


def test_a_pdf_is_no_photo() -> None:
    assert refusal(files.saved(files.pdf()), PDF, PHOTO) == "documents.unsupported_type"


def test_usual_other_names_of_a_type_and_no_name_are_accepted() -> None:
    for declared in ("image/jpg", "IMAGE/JPEG; charset=binary", "application/octet-stream", ""):
        assert check_file(files.jpeg(), declared, EVIDENCE).media_type == JPEG


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_half_uploaded_file_is_refused(data: st.DataObject) -> None:
    whole, declared = data.draw(st.sampled_from([
        (files.jpeg(90, 120), JPEG), (files.jpeg(90, 120, progressive=True), JPEG), (files.png(90, 120), PNG),
        (files.saved(files.pdf()).rstrip(), PDF)]))  # fmt: skip
    cut = data.draw(st.integers(10, len(whole) - 1))
    assert refusal(whole[:cut], declared) == "documents.incomplete"


def test_a_png_with_a_flipped_bit_is_refused() -> None:
    content = bytearray(files.png())
    content[len(content) // 2] ^= 1
    assert refusal(bytes(content), PNG) == "documents.incomplete"


def test_a_png_that_claims_50000_by_50000_pixels_is_refused_before_decoding() -> None:
    assert refusal(files.png_claiming(50_000, 50_000), PNG) == "documents.too_many_pixels"


def test_a_png_cannot_hide_its_size_behind_another_first_chunk() -> None:
    bomb = files.png_claiming(50_000, 50_000)
    hidden = bomb[:8] + files.chunk(b"CgBI", bytes(3) + b"\x01" + bytes(3) + b"\x01" + bytes(5)) + bomb[8:]
    assert refusal(hidden, PNG) == "documents.too_many_pixels"
    small = files.png_claiming(10, 10)
    assert refusal(small[:33] + bomb[8:33] + small[33:], PNG) == "documents.incomplete"


def test_a_jpeg_with_two_frame_headers_or_an_enormous_one_is_refused() -> None:
    content = files.jpeg()
    at = content.index(b"\xff\xc0")
    frame = content[at : at + 19]
    huge = frame[:5] + b"\xff\xff\xff\xff" + frame[9:]
    assert refusal(content[:at] + frame + huge + content[at + 19 :], JPEG) == "documents.incomplete"
    assert refusal(content[:at] + huge + content[at + 19 :], JPEG) == "documents.too_many_pixels"


def test_a_jpeg_with_thousands_of_scans_is_refused() -> None:
    content = files.jpeg(progressive=True)
    at = content.rindex(b"\xff\xda")
    assert refusal(content[:at] + content[at:-2] * 200 + content[-2:], JPEG) == "documents.bomb"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_place_and_camera_are_dropped_and_the_picture_stands_upright(orientation: int) -> None:
    source = files.jpeg_with_gps(orientation)
    assert b"CameraMaker" in source
    kept = check_file(source, JPEG, EVIDENCE)
    with Image.open(BytesIO(kept.content)) as image:
        assert not image.getexif()
        assert b"Exif" not in kept.content
        assert b"CameraMaker" not in kept.content
        expected = (800, 600) if orientation <= 4 else (600, 800)
        assert image.size == expected == (kept.width, kept.height)
        corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
        x, y = corners[orientation]
        red, green, _ = pixel(image, 10 + x * (image.width - 20), 10 + y * (image.height - 20))
        assert red > 150 > green + 100


def test_what_hangs_on_the_end_or_in_comments_is_dropped() -> None:
    for content, declared in ((files.jpeg(comment=b"PAYLOAD"), JPEG), (files.png(), PNG)):
        kept = check_file(content + b"PK\x03\x04PAYLOAD", declared, EVIDENCE)
        assert b"PAYLOAD" not in kept.content


def test_a_photo_is_always_a_jpeg_and_a_fingerprint_loses_no_pixel() -> None:
    assert check_file(files.png(), PNG, PHOTO).media_type == JPEG
    kept = check_file(files.png(mode="L"), PNG, ContentKind.FINGERPRINT)
    with Image.open(BytesIO(kept.content)) as image:
        assert image.tobytes() == files.picture().convert("L").tobytes()


def test_a_transparent_signature_stays_transparent_and_a_transparent_photo_becomes_white() -> None:
    image = files.picture().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 700, 600, 800))
    output = BytesIO()
    image.save(output, "PNG")
    with Image.open(BytesIO(check_file(output.getvalue(), PNG, ContentKind.SIGNATURE).content)) as signature:
        assert signature.getpixel((5, 795)) == (0, 0, 0, 0)
    with Image.open(BytesIO(check_file(output.getvalue(), PNG, PHOTO).content)) as photo:
        assert min(pixel(photo, 5, 795)) > 245


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_of_picture_is_kept(mode: str) -> None:
    output = BytesIO()
    image = files.picture(300, 400)
    image = image.convert("L").convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)
    image.save(output, "JPEG" if mode == "CMYK" else "PNG") if mode != "PA" else image.convert("LA").save(output, "PNG")
    declared = JPEG if mode == "CMYK" else PNG
    assert check_file(output.getvalue(), declared, EVIDENCE).width == 300


def test_large_evidence_is_scaled_to_the_bound_and_small_evidence_is_not() -> None:
    bound = DEFAULT_LIMITS.evidence_long_side_pixels
    kept = check_file(files.jpeg(bound * 4 // 3, bound), JPEG, EVIDENCE)
    assert (kept.width, kept.height) == (bound, bound * 3 // 4)
    assert check_file(files.jpeg(bound, 100), JPEG, EVIDENCE).width == bound


def test_a_photo_may_have_the_least_size_and_not_one_pixel_less() -> None:
    assert check_file(files.jpeg(300, 400), JPEG, PHOTO).width == 300
    assert refusal(files.jpeg(299, 400), JPEG, PHOTO) == "documents.photo_too_small"
    assert refusal(files.jpeg(300, 399), JPEG, PHOTO) == "documents.photo_too_small"


def test_all_faults_of_a_photo_are_told_at_once() -> None:
    output = BytesIO()
    Image.new("RGB", (200, 100), "white").save(output, "JPEG")
    with pytest.raises(Invalid) as refused:
        check_file(output.getvalue(), JPEG, PHOTO)
    assert [error.code for error in refused.value.errors] == [
        "documents.photo_too_small", "documents.photo_not_portrait", "documents.photo_blank"]  # fmt: skip


def test_pages_are_kept_and_counted_to_the_limit() -> None:
    kept = check_file(files.saved(files.pdf(DEFAULT_LIMITS.max_pages)), PDF, EVIDENCE)
    assert kept.pages == DEFAULT_LIMITS.max_pages
    with pikepdf.open(BytesIO(kept.content)) as document:
        assert document.pages[0].Contents.read_bytes() == b"0 0 m 100 100 l S"
    assert refusal(files.saved(files.pdf(DEFAULT_LIMITS.max_pages + 1)), PDF) == "documents.too_many_pages"


def test_scripts_actions_links_files_forms_and_metadata_leave_a_pdf_and_what_the_form_shows_stays() -> None:
    source = files.active_pdf()
    assert b"JavaScript" in source
    kept = check_file(source, PDF, EVIDENCE)
    with pikepdf.open(BytesIO(kept.content)) as document:
        plain = files.saved(
            document, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized)  # fmt: skip
        assert set(document.Root.keys()) == {"/Type", "/Pages"}
    for word in (b"JavaScript", b"app.alert", b"Launch", b"calc.exe", b"MZ evil", b"evil.example", b"AcroForm",
                 b"Annots", b"Camera Owner", b"EmbeddedFile", b"OpenAction", b"/AA"):  # fmt: skip
        assert word not in plain
    assert b"(Alice) Tj" in plain


@pytest.mark.parametrize("passwords", [{"user": "secret", "owner": "other"}, {"user": "", "owner": "other"}])
def test_an_encrypted_pdf_is_refused_also_when_it_opens_without_password(passwords: dict[str, Any]) -> None:
    content = files.saved(files.pdf(), encryption=pikepdf.Encryption(**passwords))
    assert refusal(content, PDF) == "documents.encrypted"


def test_a_pdf_whose_stream_unpacks_to_300_mebibytes_is_refused() -> None:
    packed = files.deflated_spaces(300)
    assert len(packed) < 400_000
    content = files.pdf_with_stream(packed, Filter=pikepdf.Name.FlateDecode)
    assert refusal(content, PDF) == "documents.bomb"


def test_many_streams_that_are_too_much_together_are_refused() -> None:
    packed, document = files.deflated_spaces(60), files.pdf(4)
    for page in document.pages:
        page.Contents = pikepdf.Stream(document, packed, Filter=pikepdf.Name.FlateDecode)
    content = files.saved(document, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert refusal(content, PDF) == "documents.bomb"


def test_an_object_stream_that_unpacks_to_500_mebibytes_is_refused() -> None:
    assert refusal(files.object_stream_bomb(500), PDF) in {"documents.bomb", "documents.incomplete"}


@pytest.mark.parametrize(
    "spelt", [b"/LZWDecode", b"/L#5aWDecode", b"[/ASCIIHexDecode /LZWDecode]", b"7 0 R", b"[7 0 R]"]
)
def test_a_filter_without_memory_limit_is_refused_however_it_is_spelt(spelt: bytes) -> None:
    content = files.pdf_with_stream(b"\x80\x0b\x60", Marker=1).replace(b"/Marker 1", b"/Filter " + spelt)
    assert refusal(content, PDF) == "documents.unsupported_pdf"


def test_a_pdf_with_an_image_of_too_many_pixels_is_refused() -> None:
    document = files.pdf(1)
    image = pikepdf.Stream(document, b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=50_000,
                           Height=50_000, Filter=pikepdf.Name.DCTDecode)  # fmt: skip
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    assert refusal(files.saved(document), PDF) == "documents.too_many_pixels"


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([(b"", ""), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"%PDF-1.7\n", PDF)]),
    st.binary(max_size=300), st.booleans(), st.sampled_from(ContentKind),
)  # fmt: skip
def test_random_bytes_are_refused_as_a_problem(
    start: tuple[bytes, str], middle: bytes, has_end: bool, kind: ContentKind
) -> None:
    with pytest.raises(Problem):
        check_file(start[0] + middle + (b"\n%%EOF" if has_end else b""), start[1], kind)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_file_with_changed_bytes_is_kept_or_refused_as_a_problem(data: st.DataObject) -> None:
    whole, declared = data.draw(st.sampled_from([
        (files.jpeg_with_gps(6), JPEG), (files.png(60, 80), PNG), (files.active_pdf(), PDF),
        (files.saved(files.pdf(), object_stream_mode=pikepdf.ObjectStreamMode.generate), PDF)]))  # fmt: skip
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Problem):  # any other exception fails the test
        assert check_file(bytes(content), declared, EVIDENCE).content
