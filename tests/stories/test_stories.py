"""Eight stories on a running demo, in a real browser. They share one network and run in this order."""

from __future__ import annotations

import re
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ccip_core.deployment import load_deployment
from ccip_core.http_rpc import HttpRpc
from ccip_core.localnet.keys import dev_key, users
from ccip_core.protocol.codec import encode_call
from ccip_core.wallet import Wallet
from dashboard import words
from tests.stories.conftest import BIN

pytestmark = [pytest.mark.journey, pytest.mark.debian, pytest.mark.timeout(900)]

GETH, ANVIL, MICA = "1337", "31337", "424242"
RECEIVER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
PAGES = ("", "messages", "incidents", "curses", "tokens", "nodes", "backtest")
HEIGHT_MAX = 2400
SHOTS = Path(__file__).parents[2] / "docs/screenshots"


def shoot(page, name):
    """A picture of the whole page for the documents: the window grows until nothing is left to scroll."""
    size = page.viewport_size
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_timeout(1000)  # charts draw themselves after the page is there
    height = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, HEIGHT_MAX))})
    page.wait_for_timeout(1000)
    if SHOTS.parent.exists():
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=str(SHOTS / f"{name}.png"))
    page.set_viewport_size(size)


def choose(page, label, option):
    """Pick from a select box as a person does."""
    page.get_by_role("combobox", name=re.compile(re.escape(label))).click()
    page.get_by_role("option", name=option, exact=True).click()


def field(page, label):
    """Where a person types."""
    return page.get_by_role("textbox", name=label, exact=True)


def consent(page, kind):
    """The second person types what they consent to."""
    word = words.APPROVE_WORDS[kind]
    field(page, words.TYPED.format(word=word)).fill(word)
    page.get_by_role("button", name=words.APPROVE).click()


def send(command, *extra, to=ANVIL):
    return command("ccip", "send", "--from", GETH, "--to", to, "--receiver", RECEIVER, *extra, "--json")


def test_1_a_transfer_is_watched_until_it_arrives(visit, command):
    sent = send(command, "--token", "BNM", "--amount", "5", "--wait")
    page = visit("messages")
    page.get_by_placeholder(words.SEARCH).fill(sent["message_id"])
    page.get_by_placeholder(words.SEARCH).press("Enter")
    expect(page.get_by_text(sent["message_id"])).to_be_visible()
    expect(page.get_by_text(f"{words.JOURNEY}: success")).to_be_visible()
    shoot(page, "messages")


def test_2_a_lane_is_stopped_by_two_people_and_goes_on_again(visit, command, demo):
    alice = visit("curses", operator="alice")
    alice.get_by_role("tab", name=words.PROPOSE).click()
    alice.get_by_role("combobox", name=re.compile(re.escape(words.SUBJECT))).click()
    alice.get_by_role("option", name=re.compile("lane: geth-testnet → private-testnet-mica")).click()
    alice.keyboard.press("Escape")
    expect(alice.get_by_text(words.PREVIEW)).to_be_visible()
    expect(alice.get_by_text(words.LANES_HIT)).to_be_visible()
    shoot(alice, "curse-preview")
    field(alice, words.REASON).fill("drill of the story")
    field(alice, words.TYPED.format(word="CURSE")).fill("CURSE")
    alice.get_by_role("button", name=words.PROPOSE_BUTTON).click()
    expect(alice.get_by_text(words.TAKEN_BY_ALL.format(count=4))).to_be_visible()

    bob = visit("curses", operator="bob")
    consent(bob, "curse")
    expect(bob.get_by_text(words.TAKEN_BY_ALL.format(count=4))).to_be_visible()
    assert "curse" in try_lane(demo).lower()

    later = visit("curses", operator="alice")
    expect(later.get_by_text(words.NO_CURSES)).to_be_hidden()
    shoot(later, "curses")
    later.get_by_role("tab", name=words.PROPOSE).click()
    later.get_by_text(words.PROPOSE_UNCURSE, exact=True).click()
    later.get_by_role("combobox", name=re.compile(re.escape(words.SUBJECT))).click()
    later.get_by_role("option", name=re.compile("lane: geth-testnet → private-testnet-mica")).click()
    later.keyboard.press("Escape")
    for line in words.CHECKS:
        later.get_by_text(line).click()
    field(later, words.REASON).fill("the drill is over")
    field(later, words.TYPED.format(word="LIFT")).fill("LIFT")
    later.get_by_role("button", name=words.PROPOSE_BUTTON).click()
    expect(later.get_by_text(words.TAKEN_BY_ALL.format(count=4))).to_be_visible()
    approver = visit("curses", operator="bob")
    consent(approver, "uncurse")
    expect(approver.get_by_text(words.TAKEN_BY_ALL.format(count=4))).to_be_visible()
    approver.get_by_role("tab", name=words.HISTORY).click()
    expect(approver.get_by_text(words.COUNCIL).first).to_be_attached()
    command("ccip", "lift", "--lane", f"{GETH}:{MICA}")
    resumed = visit("curses")
    expect(resumed.get_by_text(words.NO_CURSES)).to_be_visible()
    command("ccip", "send", "--from", GETH, "--to", MICA, "--receiver", RECEIVER, "--data", "hello")


def try_lane(demo):
    """Send as a user does until the lane refuses: a vote is a block away. What `ccip` then says."""
    line = ("ccip", "send", "--from", GETH, "--to", MICA, "--receiver", RECEIVER, "--data", "hello")
    for _ in range(30):
        done = subprocess.run(
            (str(BIN / line[0]), *line[1:]), cwd=demo.folder, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != 0:
            return done.stderr
    raise AssertionError("the lane is still open")


def test_3_an_attack_appears_and_its_evidence_holds(visit, command, tmp_path):
    command("ccip", "attack", "forged-root-unblessed", "--lane", f"{GETH}:{ANVIL}")
    overview = visit()
    expect(overview.get_by_text(re.compile("geth-testnet → anvil-devnet")).first).to_be_visible()
    expect(overview.get_by_text(re.compile("Done: cursed on|cursed on .* places")).first).to_be_visible()
    shoot(overview, "overview-incident")
    page = visit("incidents")
    with page.expect_download() as downloading:
        page.get_by_role("button", name=words.DOWNLOAD_EVIDENCE).click()
    bundle = tmp_path / "evidence.json"
    downloading.value.save_as(bundle)
    command("rmn", "evidence", "verify", str(bundle))
    shoot(page, "incident")
    spoilt = bundle.read_text().replace("1", "2", 1)
    (tmp_path / "spoilt.json").write_text(spoilt)
    command("rmn", "evidence", "verify", str(tmp_path / "spoilt.json"), code=1)


def test_4_a_held_message_says_why_it_waits(visit, command):
    set_posture(visit("nodes", operator="alice"), "withhold")
    command("ccip", "attack", "unbacked-mint", "--lane", f"{ANVIL}:{MICA}", "--settle", "5", code=None)
    sent = command(
        *("ccip", "send", "--from", ANVIL, "--to", MICA, "--receiver", RECEIVER, "--data", "honest", "--json")
    )
    page = visit("messages")
    page.get_by_placeholder(words.SEARCH).fill(sent["message_id"])
    page.get_by_placeholder(words.SEARCH).press("Enter")
    expect(page.get_by_text(sent["message_id"])).to_be_visible()
    held = page.get_by_role("alert").filter(has_text="withholds its blessing")
    for _ in range(30):  # the page looks again when somebody asks
        if held.count():
            break
        page.wait_for_timeout(2000)
        page.get_by_placeholder(words.SEARCH).press("Enter")
        page.reload(wait_until="commit")
        page.get_by_placeholder(words.SEARCH).fill(sent["message_id"])
        page.get_by_placeholder(words.SEARCH).press("Enter")
        expect(page.get_by_text(sent["message_id"])).to_be_visible()
    expect(held.first).to_be_visible()
    shoot(page, "message")
    told = command("rmn", "explain", sent["message_id"], "--json")
    reason = next(reason for reason in told["hold"]["reasons"] if reason["rule"] == "incident")
    assert reason["evidence"]
    assert reason["earliest_release"] is None
    assert "operator" in reason["who_may"]
    set_posture(visit("nodes", operator="alice"), "curse")


def set_posture(page, posture):
    """At every node: for a reason, and with a typed word where it protects less. The person stays where they are."""
    page.get_by_role("tab", name=words.CONTROLS).click()
    page.get_by_text(words.AT_EVERY_NODE, exact=True).click()
    page.get_by_role("radiogroup", name=words.SET_POSTURE).get_by_text(posture, exact=True).click()
    expect(page.get_by_text(words.POSTURE_MEANS[posture])).to_be_visible()
    if posture != "curse":
        page.locator(".st-key-posture_typed input").fill(words.LOWER_WORD)
    page.locator(".st-key-posture_reason input").fill("for the story")
    page.get_by_role("button", name=words.SET_POSTURE).click()
    expect(page.get_by_text(words.TAKEN_BY_ALL.format(count=4))).to_be_visible()
    expect(page.get_by_role("tab", name=words.CONTROLS)).to_have_attribute("aria-selected", "true")


def test_5_nomad_is_replayed_and_the_counterfactual_read(visit, demo):
    history = Path(__file__).parents[3] / "shared/data/nomad_transfers.parquet"
    (demo.folder / history.name).symlink_to(history)
    page = visit("backtest")
    choose(page, words.HISTORY_FILE, history.name)
    page.get_by_role("button", name=words.RUN, exact=True).click()
    expect(page.get_by_text(re.compile("A curse a minute later saves 89.9%"))).to_be_visible(timeout=300_000)
    shoot(page, "backtest")


def test_6_a_token_is_set_up_on_two_chains_and_sent(visit, command, demo):
    page = visit("tokens", operator="alice")
    page.get_by_role("tab", name=words.CHANGE_TOKEN).click()
    field(page, words.SYMBOL).fill("GLD")
    field(page, words.SYMBOL).press("Enter")
    page.get_by_role("combobox", name=re.compile(re.escape(words.ON_CHAINS))).click()
    page.get_by_role("option", name="geth-testnet").click()
    page.get_by_role("option", name="private-testnet-mica").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Send these")).click()
    expect(page.get_by_text(words.PLAN_SENT)).to_be_visible(timeout=180_000)
    shoot(page, "tokens")
    hand_out_by_its_deployer(demo, "GLD")
    sent = command(
        *("ccip", "send", "--from", GETH, "--to", MICA, "--receiver", RECEIVER),
        *("--token", "GLD", "--amount", "1", "--wait", "--json"),
    )
    assert sent["state"].lower() == "success"


def hand_out_by_its_deployer(demo, symbol):
    """A new token's supply is its deployer's: some of it for the user who sends."""
    chain = load_deployment(demo.folder / demo.deployment).find_chain(GETH)
    token = next(token for token in chain.tokens if token.symbol == symbol)
    with closing(HttpRpc(chain.http, 10.0)) as rpc:
        give = encode_call("transfer(address,uint256)", users()[0].address, 10 * 10**token.decimals)
        Wallet(rpc, dev_key("deployer", 0)).transact(token.address, give)


def test_7_a_pool_is_replaced(visit, command):
    page = visit("tokens", operator="alice")
    page.get_by_role("tab", name=words.CHANGE_TOKEN).click()
    choose(page, words.TASK, words.TASKS["new-pool"])
    choose(page, words.SYMBOL, "GLD")
    page.get_by_role("button", name=re.compile("^Send these")).click()
    expect(page.get_by_text(words.PLAN_SENT)).to_be_visible(timeout=180_000)
    tokens = command("ccip", "tokens", "--json")["tokens"]
    pool = next(token["pool"] for token in tokens if token["symbol"] == "GLDv2")

    page = visit("tokens", operator="alice")
    page.get_by_role("tab", name=words.CHANGE_TOKEN).click()
    choose(page, words.TASK, words.TASKS["upgrade-pool"])
    choose(page, words.SYMBOL, "GLD")
    field(page, words.NEW_POOL).fill(pool)
    field(page, words.NEW_POOL).press("Enter")
    page.get_by_role("button", name=re.compile("^Send these")).click()
    expect(page.get_by_text(words.PLAN_SENT)).to_be_visible(timeout=180_000)
    shown = command("ccip", "token", "show", "GLD", "--chain", GETH, "--json")
    assert shown["registered_pool"] == pool


def test_a_token_page_shows_the_messages_that_carry_it(visit, command):
    send(command, "--token", "BNM", "--amount", "5", to=MICA)  # the other lane is cursed since the third story
    page = visit("tokens?part=A+token")
    expect(page.get_by_role("heading", name=words.ACTIVITY)).to_be_visible()
    expect(
        page.get_by_role("tabpanel").get_by_text(words.AS_OF.format(at="")).last
    ).to_be_visible()  # the last line: all above it is there
    expect(page.get_by_text(words.NO_ACTIVITY)).to_have_count(0)


def test_a_part_is_opened_by_keyboard_and_stays_open_after_a_refresh_and_by_a_link(visit):
    page = visit("nodes")
    page.get_by_role("tab", name=words.ENDPOINTS).focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
    settings = page.get_by_role("tab", name=words.CONFIG)
    expect(settings).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"[?&]part="))
    page.reload(wait_until="commit")
    expect(settings).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_have_count(1)
    linked = visit(page.url.rpartition("/")[2])
    expect(linked.get_by_role("tab", name=words.CONFIG)).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_8_every_page_in_both_themes_and_widths(visit, name, theme, width):
    page = visit(name, theme=theme, width=width)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.wait_for_timeout(1500)
    scrolled = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert scrolled <= 0, "nobody scrolls sideways"
    shoot(page, f"{name or 'overview'}-{theme}" if width == 1280 else f"{name or 'overview'}-narrow-{theme}")


TABS_MAX = 150
"""More than the fullest page has places where the keyboard stops."""
UNNAMED = """() => [...document.querySelectorAll(
    'button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=tab], [role=combobox]')]
  .filter(e => e.checkVisibility() && !e.closest('[aria-hidden=true]'))
  .filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.innerText || e.title
                 || [...(e.labels || [])].some(l => l.innerText || l.querySelector('[aria-label]'))))
  .map(e => e.outerHTML.slice(0, 200))"""
"""Controls that a screen reader could only call by their kind."""


PALE = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const over = (top, under) => [0, 1, 2].map(i => (top[3] ?? 1) * top[i] + (1 - (top[3] ?? 1)) * under[i]);
  const linear = part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const light = colour => [0.2126, 0.7152, 0.0722].reduce((sum, part, i) => sum + part * linear(colour[i] / 255), 0);
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const around = element => element ? [...around(element.parentElement), element] : [];
  const poor = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, said = texts.currentNode.textContent.trim();
    const isSeen = element.checkVisibility({opacityProperty: true, visibilityProperty: true});
    const isTold = !element.closest('canvas, svg, script, style, noscript, [aria-hidden=true], :disabled');
    if (!said || !isSeen || !isTold || !element.getClientRects().length) continue;
    const styles = around(element).map(each => getComputedStyle(each)), own = styles.at(-1);
    const under = styles.reduce((colour, style) => over(rgb(style.backgroundColor), colour), [255, 255, 255]);
    const opacity = styles.reduce((product, style) => product * parseFloat(style.opacity), 1);
    const [red, green, blue, alpha] = rgb(own.color), size = parseFloat(own.fontSize);
    const found = ratio(over([red, green, blue, (alpha ?? 1) * opacity], under), under);
    const isLarge = size >= 24 || (size >= 18.66 && own.fontWeight >= 700);
    if (found < (isLarge ? 3 : 4.5)) poor.push(`${found.toFixed(2)} ${size}px ${said.slice(0, 40)}`);
  }
  return [...new Set(poor)];
}"""
"""Text that has less contrast than WCAG AA asks for: its ratio, size and beginning. Charts draw theirs on a canvas."""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_stands_out_from_what_is_behind_it(visit, name, theme):
    page = visit(name, operator="alice", theme=theme)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    page.wait_for_timeout(1500)
    assert page.evaluate(PALE) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_control_has_a_name_and_the_keyboard_reaches_what_matters(visit, name):
    page = visit(name, operator="alice")
    page.wait_for_timeout(1500)
    assert page.evaluate(UNNAMED) == []
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate("document.documentElement.lang") == "en"
    reached = []
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(document.activeElement.innerText || document.activeElement.ariaLabel || '').trim()")
        )
    for wanted in (words.OVERVIEW, words.CURSE_CONSOLE, words.SIGN_OUT):
        assert any(wanted in text for text in reached), (wanted, reached)
    main = {
        "messages": words.SEARCH,
        "curses": words.WAITING,
        "nodes": words.ENDPOINTS,
        "tokens": words.MY_TOKENS,
    }.get(name)
    assert main is None or any(main in text for text in reached), (main, reached)


def test_nothing_secret_is_in_a_page(visit, demo):
    page = visit("nodes", operator="alice")
    secrets = [operator["token"] for operator in demo.operators]
    assert len(secrets) >= 2
    assert not any(secret in page.content() or secret in page.url for secret in secrets)
