"""What the looks at a page find is there to be found: a page on which everything is wrong."""

from playwright.sync_api import Browser

from tests.pages.looking import LOOKS, wrong_with

_WRONG = """<!doctype html><html lang="en"><head><title>Wrong</title><style>
  main a { display: block; min-height: 60px; min-width: 60px; outline: 3px solid transparent }
  main a:focus-visible { outline: 3px solid #00f } main a.bare:focus-visible { outline: none }
</style></head><body><main><h1>Wrong</h1><a href="/good">good</a><a href="/bare" class="bare">bare</a>
<button style="height: 20px">small</button><img src="data:,"><div style="width: 2000px">wide</div></main></html>"""


def test_what_is_wrong_with_a_page_is_found_in_every_look(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(_WRONG)
    found = wrong_with(page)
    for look in LOOKS:
        said = [each for each in found if each.startswith(f"[{look}] ")]
        assert any("scrolls sideways" in each and "wide" in each for each in said), said
        assert any("small target" in each and "small" in each for each in said), said
        if not look.large:
            assert any("axe image-alt" in each for each in said), said
            assert [each for each in said if "unseen focus" in each and 'class="bare"' in each], said
    assert not [each for each in found if "/good" in each and "axe" not in each]
    page.close()
