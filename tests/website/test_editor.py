"""The page for queries: what it serves without a script, and the editor in a real browser, by keyboard too."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from urllib.parse import quote, unquote

import httpx
import pytest

from imr_graph import iris as terms
from imr_graph.analysis.queries.library import list_questions
from imr_graph.website.pages.sparql_editor import group_queries, missing, write_example
from support.browser import Browser
from support.components import report_missing, require_file
from support.endpoint_server import Server
from support.letters import letter
from support.paths import EDITOR
from support.site_server import build_site_store, get_page, serving_site
from support.waiting import wait_for

TREATMENTS = """SELECT ?treatment ?treatmentLabel (COUNT(?item) AS ?items) WHERE {
  ?item imr:requestsTreatment ?treatment . ?treatment skos:prefLabel ?treatmentLabel
} GROUP BY ?treatment ?treatmentLabel ORDER BY DESC(?items) ?treatmentLabel LIMIT 5"""


@pytest.fixture
def editor(browser: Browser, site_server: Server) -> Browser:
    """Return the browser with the editor open and ready."""
    require_file(EDITOR, "python frontend/bundle.py")
    browser.complaints()
    browser.open(site_server.sparql)
    browser.wait(lambda: text_of(browser))
    return browser


def text_of(browser: Browser) -> str:
    return str(browser.run("return document.getElementById('query').value"))


def write(browser: Browser, query: str) -> None:
    """Replace what is in the editor by typing."""
    from selenium.webdriver.common.keys import Keys

    browser.run("document.querySelector('#editor').shadowRoot.querySelector('.cm-content').focus()")
    browser.press(Keys.CONTROL + "a", Keys.DELETE)
    # Pasted rather than typed: brackets that are typed get their partner.
    browser.run(
        "const data = new DataTransfer(); data.setData('text/plain', arguments[0]);"
        "document.querySelector('#editor').shadowRoot.querySelector('.cm-content')"
        ".dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))",
        query,
    )
    assert text_of(browser) == query


def run(browser: Browser, query: str) -> None:
    write(browser, query)
    browser.find("#ask button").click()
    browser.wait(lambda: not browser.run("return document.getElementById('answer').hasAttribute('aria-busy')"))


# What the server answers


def test_a_browser_gets_the_page_and_a_program_the_description(site_server: Server) -> None:
    chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    for accept, kind in (
        (chrome, "text/html; charset=utf-8"),
        ("text/turtle, text/html;q=0.5", "text/turtle"),
        ("text/html, text/turtle", "text/turtle"),
        ("*/*", "text/turtle"),
    ):
        answer = httpx.get(site_server.sparql, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind), accept
    assert httpx.head(site_server.sparql, headers={"accept": chrome}).status_code == 200


def test_the_plain_form_works_as_it_stands(site_server: Server) -> None:
    page = get_page(site_server, "/sparql")
    form = page.one("form", id="ask")
    names = {node["name"] for node in form.walk() if node.tag in ("textarea", "select")}
    assert (form["action"], form["method"], names) == ("/sparql", "get", {"query", "format"})
    query = form.one("textarea").raw
    for option in form.all("option"):
        graph = "graph" in option.text
        asked = "DESCRIBE <https://w3id.org/imr-graph/id/treatment-diazepam>" if graph else query
        answer = httpx.get(site_server.sparql, params={"query": asked, "format": option["value"]})
        assert answer.status_code == 200, (option["value"], answer.text)
        assert answer.content
    assert next(button for button in form.all("button") if "hidden" not in button.attributes).text == "Run"
    assert page.one("label", for_="query").text == "Query"


def test_every_named_query_is_an_example_that_runs(site_server: Server) -> None:
    page = get_page(site_server, "/sparql")
    links = page.one("nav", id="examples").links()
    assert set(links) == {f"/sparql/examples/{one.name}" for one in list_questions()}
    assert sum(len(group) for group in group_queries().values()) == len(list_questions())
    for one in list_questions():
        filled = get_page(site_server, f"/sparql/examples/{one.name}").one("textarea").raw
        assert filled.strip() == write_example(one).strip()
        answer = site_server.ask(filled)
        assert answer.status_code == 200, (one.name, answer.text)
    get_page(site_server, "/sparql/examples/nonsense", 404)


def test_the_editor_is_told_terms_prefixes_and_examples(site_server: Server) -> None:
    words = httpx.get(f"{site_server.sparql}/words.json").json()
    assert words["prefixes"] == terms.PREFIXES
    names = {term["name"]: term for term in words["terms"]}
    assert names["imr:decision"]["comment"]
    assert names["imr:Case"]["kind"] == "class"
    assert set(words["examples"]) == {one.name for one in list_questions()}


# What the editor does


def test_the_editor_was_built_for_the_tests() -> None:
    if missing():
        report_missing("the editor is not built: python frontend/bundle.py (scripts/setup dev does it)")


def test_rows_are_shown_by_name_and_link_to_their_pages(editor: Browser) -> None:
    run(editor, TREATMENTS)
    heads = [head.text.strip(" ↕") for head in editor.driver.find_elements("css selector", "#answer thead th")]
    assert [head.split("\n")[0] for head in heads] == ["treatment", "items"]
    links = editor.driver.find_elements("css selector", "#answer tbody a")
    assert len(links) == 5
    assert all("/id/treatment-" in link.get_attribute("href") for link in links)
    assert "5 rows" in editor.find("#status").text
    first = [cell.text for cell in editor.driver.find_elements("css selector", "#answer tbody td:nth-child(2)")]
    assert first == sorted(first, key=int, reverse=True)
    editor.find("#answer thead th:nth-child(2) button").click()
    again = [cell.text for cell in editor.driver.find_elements("css selector", "#answer tbody td:nth-child(2)")]
    assert again == sorted(first, key=int)
    assert editor.find("#answer thead th:nth-child(2)").get_attribute("aria-sort") == "ascending"
    links = editor.driver.find_elements("css selector", "#answer tbody a")
    assert not [link.text for link in links if link.text.startswith("treatment-")]
    assert editor.complaints() == []


def test_nodes_without_a_name_in_the_answer_get_theirs(editor: Browser) -> None:
    run(editor, "SELECT ?x ?p WHERE { VALUES ?x { id:treatment-diazepam } ?x ?p imr:Treatment }")
    row = [cell.text for cell in editor.driver.find_elements("css selector", "#answer tbody td")]
    assert row[0] == "diazepam"
    assert row[1] == "rdf:type"


def test_an_answer_is_downloaded_in_three_formats(editor: Browser, site_server: Server) -> None:
    run(editor, TREATMENTS)
    for kind, accept in (("csv", "text/csv"), ("tsv", "text/tab-separated-values"), ("json", "application/json")):
        editor.find(f"[data-download={kind}]").click()
        expected = site_server.ask(TREATMENTS, headers={"accept": accept}).content.decode()
        assert editor.downloaded(f"answer.{kind}").split() == expected.split()
    rows = list(csv.DictReader(io.StringIO(editor.downloaded("answer.csv"))))
    assert len(rows) == 5
    assert set(rows[0]) == {"treatment", "treatmentLabel", "items"}


def test_yes_no_and_graphs_are_shown_too(editor: Browser) -> None:
    run(editor, "ASK { ?case a imr:Case }")
    assert "Yes." in editor.find("#answer").text
    run(editor, "DESCRIBE id:treatment-diazepam")
    assert "skos:prefLabel" in editor.find("#answer pre").text
    run(editor, "SELECT * WHERE { ?x imr:decision 7 }")
    assert "nothing fits" in editor.find("#answer").text


def test_a_query_that_is_wrong_says_where(editor: Browser) -> None:
    run(editor, "SELECT ?x WHERE {\n  ?x imr:decision\n}")
    assert "line 3" in editor.find("#answer [role=alert]").text
    script = "return document.querySelector('#editor').shadowRoot.querySelector('.cm-lintRange-error') !== null"
    editor.wait(lambda: editor.run(script))
    # The browser notes the refusal in its console; nothing else may be there.
    assert all("400" in line for line in editor.complaints())


def test_a_term_that_the_ontology_lacks_gets_a_near_one(editor: Browser) -> None:
    run(editor, "SELECT ?item WHERE { ?item imr:requestTreatment ?x ; imr:zzyzxyzzyzx ?y } LIMIT 1")
    shown = editor.wait(lambda: editor.driver.find_elements("css selector", "#answer [data-unknown]"))
    assert [node.text for node in shown] == [
        "The ontology has no term imr:requestTreatment. Did you mean imr:requestsTreatment?",
        "The ontology has no term imr:zzyzxyzzyzx. See the ontology.",
    ]
    assert shown[0].find_element("css selector", "a").get_attribute("href").endswith("/ontology#requestsTreatment")


def test_the_button_is_in_sight_and_examples_end_above_the_footer(browser: Browser, site_server: Server) -> None:
    browser.driver.set_window_size(1440, 900)
    browser.open(f"{site_server.sparql}/examples/overturn-rate-by-treatment")
    browser.wait(lambda: browser.run("return document.body.classList.contains('with-editor')"))
    box = "return document.querySelector('{}').getBoundingClientRect().bottom"
    assert browser.run(box.format("#ask button")) <= 850
    browser.run("document.querySelectorAll('#examples details').forEach(one => one.open = true)")
    top = "return document.querySelector('footer').getBoundingClientRect().top"
    assert browser.run(box.format("#examples")) <= browser.run(top)
    assert browser.run(box.format("#examples details:last-of-type ul")) <= browser.run(top)


def test_values_are_text_and_never_markup(editor: Browser) -> None:
    run(editor, "SELECT ?x WHERE { VALUES ?x { \"<img src=x onerror='document.title=1'>\" <javascript:alert(1)> } }")
    cells = editor.driver.find_elements("css selector", "#answer tbody td")
    assert [cell.text for cell in cells] == ["<img src=x onerror='document.title=1'>", "javascript:alert(1)"]
    assert not editor.driver.find_elements("css selector", "#answer img, #answer a")


def test_long_answers_come_a_piece_at_a_time(editor: Browser) -> None:
    run(editor, "SELECT ?s ?p WHERE { ?s ?p ?o } LIMIT 450")
    assert len(editor.driver.find_elements("css selector", "#answer tbody tr")) == 200
    editor.find("#answer > button").click()
    editor.find("#answer > button").click()
    assert len(editor.driver.find_elements("css selector", "#answer tbody tr")) == 450
    assert not editor.find("#answer > button").is_displayed()


def test_a_link_carries_the_query_behind_its_hash(browser: Browser, site_server: Server) -> None:
    query = 'ASK { ?x imr:heading "50% & more #1 + ü" }'
    browser.open(f"{site_server.sparql}#query={quote(query, safe='')}")
    browser.wait(lambda: text_of(browser) == query)
    browser.requests()
    browser.find("#ask button").click()
    browser.wait(lambda: "No." in browser.find("#answer").text)
    assert unquote(browser.driver.current_url.partition("#query=")[2]) == query
    assert not [url for url in browser.requests() if "query=" in url.partition("#")[0]]


def test_an_example_is_put_into_the_editor(editor: Browser) -> None:
    editor.run("for (const one of document.querySelectorAll('#examples details')) one.open = true")
    editor.find("[data-example=overturn-rate-by-year]").click()
    editor.wait(lambda: text_of(editor).startswith("# Overturn rate by year"))
    editor.find("#ask button").click()
    editor.wait(lambda: editor.driver.find_elements("css selector", "#answer tbody tr"))


def test_the_editor_is_worked_by_keyboard_alone(editor: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    def focused() -> str:
        return str(editor.run("return document.activeElement.id || document.activeElement.textContent.trim()"))

    for _ in range(20):
        if focused() == "editor":
            break
        editor.press(Keys.TAB)
    assert focused() == "editor"
    outline = "getComputedStyle(document.querySelector('#editor').shadowRoot.querySelector('.cm-editor')).outlineStyle"
    editor.wait(lambda: editor.run(f"return {outline}") == "solid")
    editor.press(Keys.CONTROL + "a", Keys.DELETE)
    editor.press(*"ASK { ?x a imr:Case ")  # the closing brace comes by itself
    assert text_of(editor).split() == ["ASK", "{", "?x", "a", "imr:Case", "}"]
    editor.press(Keys.TAB)
    assert focused() == "editor", "Tab indents as long as Escape was not pressed"
    editor.press(Keys.CONTROL + Keys.ENTER)
    editor.wait(lambda: "Yes." in editor.find("#answer").text)
    editor.press(Keys.ESCAPE, Keys.TAB)
    assert focused() == "Run"
    editor.press(Keys.TAB)
    assert focused() == "copy"
    assert "Escape, then Tab" in editor.find("#keys").text


def test_words_are_completed_and_their_prefix_declared(editor: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    write(editor, "ASK { ?x ")
    editor.press(Keys.CONTROL + Keys.END)
    editor.press(*"imr:outc")
    labels = "document.querySelector('#editor').shadowRoot.querySelectorAll('.cm-completionLabel')"
    script = f"return [...{labels}].map(one => one.textContent)"
    editor.wait(lambda: "imr:outcome" in editor.run(script))
    time.sleep(0.2)  # a list that has just come up takes no key, so that nobody picks by accident
    editor.press(Keys.ENTER)
    editor.wait(lambda: f"PREFIX imr: <{terms.IMR}>" in text_of(editor))
    assert text_of(editor).endswith("imr:outcome")


def test_a_query_can_be_stopped(editor: Browser, site_server: Server) -> None:
    def left() -> int:
        return sum(event.get("failure") == "left" for event in site_server.events("query"))

    before = left()
    write(editor, "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    editor.find("#ask button").click()
    stop = editor.find("#stop")
    editor.wait(stop.is_displayed)
    wait_for(lambda: site_server.metric("imr_workers_busy") == 1)
    time.sleep(1)  # the server looks after its client only where a query takes some time
    stop.click()
    editor.wait(lambda: editor.find("#status").text == "Stopped.")
    assert not stop.is_displayed()
    wait_for(lambda: left() > before)  # and not its limit of time that ended it
    wait_for(lambda: site_server.metric("imr_workers_busy") == 0)


def test_a_cut_answer_says_so_and_a_server_that_is_gone_too(browser: Browser, tmp_path: Path) -> None:
    store = build_site_store(tmp_path, {"one": letter()})
    with serving_site(store, tmp_path, workers=2, rows=5) as server:
        browser.open(server.sparql)
        browser.wait(lambda: text_of(browser))
        run(browser, "SELECT * WHERE { ?s ?p ?o }")
        assert "limit of rows" in browser.find("#answer .warning").text
        assert len(browser.driver.find_elements("css selector", "#answer tbody tr")) == 5
    run(browser, "ASK { }")
    assert "could not be reached" in browser.find("#answer [role=alert]").text
    browser.complaints()


def test_without_the_editor_the_page_says_what_is_missing() -> None:
    """Proved on an installed copy without the script in test_front_end_build.py; here: the words are in the page."""
    from imr_graph.website.rendering import render_template

    values = {
        "title": "Ask in SPARQL", "query": "ASK {}", "chosen": "", "groups": {}, "formats": (),
        "missing": True, "path": "/sparql", "generation": 1, "public": "",
    }  # fmt: skip
    text = render_template("editor.html", values, terms.BASE)
    assert "frontend/bundle.py" in text
    assert "editor.js" not in text
