"""Rewriting PDFs (ISO 32000): the pages and what paints them stay; everything that could act is left behind.

What is kept is listed, not what is removed: a catalogue with pages alone, and on a page only the keys that paint it.
So scripts, open and launch actions, embedded files, forms and their actions, links, outlines, metadata and digital
signatures are gone; what a form or a comment shows on the page is painted into the page first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import pikepdf
from pikepdf import Array, Name, ObjectStreamMode, Pdf, Stream, StreamDecodeLevel
from pikepdf.settings import set_qpdf_limits

from yizhengtong.foundation.documents.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from yizhengtong.kernel.errors import Invalid

# For the whole process, set before anything is opened: qpdf unpacks cross-reference and object streams by itself.
_STREAM_BYTES = 64 * MEBIBYTE
set_qpdf_limits(
    doc_max_warnings=200,
    parser_max_nesting=100,
    parser_max_container_size=200_000,
    max_stream_filters=4,
    flate_max_memory=_STREAM_BYTES,
    png_max_memory=_STREAM_BYTES,
    tiff_max_memory=_STREAM_BYTES,
    run_length_max_memory=_STREAM_BYTES,
    dct_max_memory=_STREAM_BYTES,
    dct_max_progressive_scans=DEFAULT_LIMITS.max_jpeg_scans,
)

# What pikepdf raises when a hostile document has the wrong kind of object somewhere.
_UNREADABLE = (pikepdf.PikepdfError, pikepdf.PdfError, TypeError, ValueError, KeyError, IndexError, AttributeError,
               RuntimeError, OverflowError, ArithmeticError, NotImplementedError)  # fmt: skip
_PAGE_KEYS = {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/Resources", "/Contents", "/UserUnit", "/Group"}
# In stream dictionaries: files outside the document, other versions of an image, private and descriptive data.
_OUTSIDE_KEYS = ("/F", "/FFilter", "/FDecodeParms", "/Ref", "/OPI", "/Alternates", "/Metadata", "/PieceInfo", "/AF",
                 "/StructParent", "/StructParents", "/Measure", "/PtData")  # fmt: skip
_IMAGE_CODECS = {"/DCTDecode", "/DCT", "/JPXDecode", "/JBIG2Decode", "/CCITTFaxDecode", "/CCF"}


@dataclass(frozen=True, slots=True)
class RewrittenPdf:
    """A PDF that only shows pages."""

    content: bytes
    pages: int


def rewrite(content: bytes, limits: Limits) -> RewrittenPdf:
    """Return the PDF with nothing but its pages.

    Raises Invalid: `documents.incomplete`, `.encrypted`, `.bomb`, `.too_many_pages`, `.too_many_pixels`,
    `.unsupported_pdf`.
    """
    if b"%%EOF" not in content[-1024:]:
        raise Invalid("documents.incomplete")
    _refuse_unbounded_filters(content)
    try:
        with pikepdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            return _rewrite(pdf, limits)
    except pikepdf.PasswordError:
        raise Invalid("documents.encrypted") from None
    except _UNREADABLE as error:
        raise Invalid("documents.bomb" if "memory limit" in str(error) else "documents.incomplete") from None


def _rewrite(pdf: Pdf, limits: Limits) -> RewrittenPdf:
    if pdf.is_encrypted:
        raise Invalid("documents.encrypted")
    if int(pdf.trailer["/Size"]) > limits.max_pdf_objects:
        raise Invalid("documents.bomb")
    pages = len(pdf.pages)
    if not pages:
        raise Invalid("documents.incomplete")
    if pages > limits.max_pages:
        raise Invalid("documents.too_many_pages", max_pages=limits.max_pages)
    _measure(pdf, limits)
    _paint_annotations(pdf)
    _keep_pages_alone(pdf)
    output = BytesIO()
    pdf.save(output, object_stream_mode=ObjectStreamMode.generate, stream_decode_level=StreamDecodeLevel.none)
    return RewrittenPdf(output.getvalue(), pages)


def _spelt(name: str) -> str:
    """Return a pattern for a PDF name however its letters are escaped (`/F#69lter` is `/Filter`)."""
    return "/" + "".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in name)


_SPACE = r"[\0\t\n\f\r ]*"
_PLAIN_FILTER = re.compile(
    rf"{_SPACE}(?:/[A-Za-z0-9.]+|\[{_SPACE}(?:/[A-Za-z0-9]+{_SPACE})*\])(?={_SPACE}(?:/|>>|\[))".encode()
)
_FILTER = re.compile((_spelt("Filter") + r"(?=[\0\t\n\f\r /\[%(<\d])").encode())
_LZW = re.compile(_spelt("LZW").encode())


def _refuse_unbounded_filters(content: bytes) -> None:
    """Refuse LZW, for which qpdf has no memory limit, and filters not written plainly, which could hide it."""
    for found in _FILTER.finditer(content):
        plain = _PLAIN_FILTER.match(content, found.end())
        if plain is None or _LZW.search(plain.group()):
            raise Invalid("documents.unsupported_pdf")


def _measure(pdf: Pdf, limits: Limits) -> None:
    """Refuse images with too many pixels and streams that together unpack to too much."""
    unpacked = 0
    for stream in _streams(pdf):
        if stream.get("/Subtype") == Name.Image and _pixels(stream) > limits.max_pixels:
            raise Invalid("documents.too_many_pixels", max_megapixels=limits.max_pixels // 1_000_000)
        unpacked += _unpacked_length(pdf, stream)
        if unpacked > limits.max_unpacked_bytes:
            raise Invalid("documents.bomb")


def _pixels(image: Stream) -> int:
    return int(image["/Width"]) * int(image["/Height"])


def _streams(pdf: Pdf) -> Iterator[Stream]:
    return (found for found in pdf.objects if isinstance(found, Stream) and found.get("/Type") != Name.XRef)


def _unpacked_length(pdf: Pdf, stream: Stream) -> int:
    """Return the bytes a viewer gets after all filters but an image codec, which the pixel limit bounds."""
    filters = stream.get("/Filter", Array())
    chain = list(filters) if isinstance(filters, Array) else [filters]
    if not chain or str(chain[-1]) not in _IMAGE_CODECS:
        return len(stream.read_bytes())
    if len(chain) == 1:
        return len(stream.read_raw_bytes())
    return len(Stream(pdf, stream.read_raw_bytes(), Filter=Array(chain[:-1])).read_bytes())


def _paint_annotations(pdf: Pdf) -> None:
    """Paint filled fields and stamps into their pages, as they would be seen on a screen."""
    if any("/Annots" in page.obj for page in pdf.pages):
        pdf.generate_appearance_streams()
        pdf.flatten_annotations("screen")


def _keep_pages_alone(pdf: Pdf) -> None:
    for page in pdf.pages:
        for key in set(page.obj.keys()) - _PAGE_KEYS:
            del page.obj[key]
    for key in set(pdf.Root.keys()) - {"/Type", "/Pages"}:
        del pdf.Root[key]
    tree: list[pikepdf.Object] = [pdf.Root.Pages]
    while tree:
        node = tree.pop()
        for key in set(node.keys()) - _PAGE_KEYS - {"/Kids", "/Count"}:
            del node[key]
        tree.extend(kid for kid in node.get("/Kids", []) if "/Kids" in kid)
    for stream in _streams(pdf):
        for key in _OUTSIDE_KEYS:
            if key in stream:
                del stream[key]
    for key in set(pdf.trailer.keys()) - {"/Root", "/Size"}:
        del pdf.trailer[key]
