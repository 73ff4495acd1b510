"""Small files made for tests: pictures, documents, and the hostile ones."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image


def picture(width: int = 600, height: int = 800) -> Image.Image:
    """A gradient with a dark left top corner, so that turning it shows."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.paste((200, 10, 10), (0, 0, width // 4, height // 4))
    return image


def jpeg(width: int = 600, height: int = 800, **options: object) -> bytes:
    output = BytesIO()
    picture(width, height).save(output, "JPEG", **options)
    return output.getvalue()


def png(width: int = 600, height: int = 800, mode: str = "RGB") -> bytes:
    output = BytesIO()
    picture(width, height).convert(mode).save(output, "PNG")
    return output.getvalue()


def jpeg_with_gps(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CameraMaker"
    exif.get_ifd(0x8825)[2] = (36.0, 40.0, 12.0)
    return jpeg(800, 600, exif=exif.tobytes())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def deflated_spaces(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(mebibytes))
    return packed + packer.flush()


def pdf(pages: int = 2) -> pikepdf.Pdf:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
        document.pages[-1].Contents = document.make_stream(b"0 0 m 100 100 l S")
    return document


def saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    output = BytesIO()
    document.save(output, **options)
    return output.getvalue()


def pdf_with_stream(packed: bytes, **entries: object) -> bytes:
    document = pdf(1)
    document.pages[0].Contents = Stream(document, packed, **entries)
    return saved(document, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


def object_stream_bomb(mebibytes: int) -> bytes:
    """A PDF whose catalogue lies in an object stream that unpacks to `mebibytes`."""
    index, catalogue = b"1 0 2 50 ", b"<</Type/Catalog/Pages 2 0 R>>".ljust(50)
    packer = zlib.compressobj(9)
    packed = packer.compress(index + catalogue + b"<</Type/Pages/Kids[]/Count 0>>")
    packed += b"".join(packer.compress(b" " * 2**20) for _ in range(mebibytes)) + packer.flush()
    out = b"%%PDF-1.5\n3 0 obj\n<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>\nstream\n" % (
        len(index), len(packed))  # fmt: skip
    out += packed + b"\nendstream\nendobj\n"
    rows = [(0, 0, 0), (2, 3, 0), (2, 3, 1), (1, 9, 0), (1, len(out), 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    xref = b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 1 0 R/Length %d>>\nstream\n" % len(table)
    return out + xref + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def active_pdf() -> bytes:
    """A PDF with a script, an embedded file, a launch action, a link, and a form field that shows `Alice`."""
    document = pdf(1)
    script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    launch = Dictionary(S=Name.Launch, F="calc.exe")
    document.Root.OpenAction = script
    document.attachments["evil.exe"] = b"MZ evil"
    page = document.pages[0].obj
    page.AA = Dictionary(O=launch)
    look = document.make_stream(b"/Tx BMC BT (Alice) Tj ET EMC")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 50, 20])
    field = document.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V="Alice", Rect=Array([10, 10, 60, 30]), F=4,
        AP=Dictionary(N=look), AA=Dictionary(K=script)))  # fmt: skip
    link = document.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]),
        A=Dictionary(S=Name.URI, URI="https://evil.example/")))  # fmt: skip
    page.Annots = Array([field, link])
    document.Root.AcroForm = Dictionary(Fields=Array([field]))
    document.docinfo["/Author"] = "Camera Owner"
    return saved(document)
