"""A stock Isso client, as other sites embed it, reads and posts below /isso/."""

from playwright.sync_api import expect

from tests.browser.conftest import LETTER

PAGE = f"""<!doctype html><html lang="sv"><meta charset="utf-8"><title>En annan sida</title>
<script data-isso="/isso/" data-isso-css="false" data-isso-avatar="false" data-isso-vote="false" data-isso-lang="sv"
  data-isso-require-author="true" src="/isso/js/embed.min.js"></script>
<section id="isso-thread" data-isso-id="{LETTER}" data-title="En titel som inte gäller"></section></html>"""


def test_the_stock_client_reads_and_posts(visitor, moderator):
    """It shows the published conversation, and what it posts waits at the desk."""
    page = visitor("about:blank")
    page.route("**/isso-klient/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("/isso-klient/")
    expect(page.get_by_text("Vi provade korta morgonmöten")).to_be_visible()
    page.locator(".isso-textarea").first.fill("Skrivet i Issos egen klient.")
    page.locator("input[name=author]").first.fill("En annan sida")
    page.locator("input[type=submit], button[type=submit]").first.click()
    expect(page.get_by_text("Skrivet i Issos egen klient.").last).to_be_visible()
    expect(moderator().get_by_text("Skrivet i Issos egen klient.")).to_be_visible()
