"""QR codes on the screen, as a camera reads them."""

import io

import zxingcpp
from PIL import Image
from playwright.sync_api import Page


def seen_code(page: Page) -> str:
    """Return what a camera reads off the QR code on the screen."""
    picture = Image.open(io.BytesIO(page.locator(".qr").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def path_of(address: str) -> str:
    """Return an address without its host: the platform under test has another port than it believes."""
    return "/" + address.split("/", 3)[3]
