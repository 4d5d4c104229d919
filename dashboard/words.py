"""The English of the dashboard, in one place. Chains are called by name, states by the glossary's words."""

from __future__ import annotations

TITLE = "Risk Management Network"
OVERVIEW = "Overview"
MESSAGES = "Messages"
INCIDENTS_PAGE = "Incidents"
CURSE_CONSOLE = "Curse console"
TOKENS = "Tokens"
BACKTEST = "Backtest lab"
NODES_PAGE = "Nodes"
WATCH, ACT, LEARN = "Watch", "Act", "Learn"

NODES_VARIABLE = "RMN_DASHBOARD_NODES"
NO_NODES = f"No node to ask. Run `make demo`, or set {NODES_VARIABLE} to your nodes' addresses, separated by commas."
ALL_SILENT = "No node answers. What you would see here is unknown, not quiet: check that the nodes run."
SILENT_NODES = "Some nodes do not answer; what follows is what the others say."
NODES_DISAGREE = "The nodes do not agree on the state of: {lanes}. Shown is the worst that any of them says."

METRIC_NODES = "Nodes with fresh data"
METRIC_LANES = "Lanes open"
METRIC_INCIDENTS = "Open incidents"
METRIC_CURSES = "Curses"

LANES = "Lanes"
INCIDENTS = "Incidents"
CURSES = "Curses"
NODES = "Nodes"
NO_INCIDENTS = "No incident is open."
NO_CURSES = "Nothing is cursed."

LANE_STATES = {
    "quiet": "quiet: messages flow",
    "watched": "watched: an incident is open, blessings go on",
    "withheld": "withheld: nodes keep their signatures back",
    "blind": "blind: fresh data of a chain is missing",
    "cursed": "cursed: stopped on-chain",
}
"""From best to worst."""
LANE_COLOURS = {
    "quiet": "#0072B2",
    "watched": "#56B4E9",
    "withheld": "#E69F00",
    "blind": "#7A7A7A",
    "cursed": "#B3123B",
}
"""Okabe and Ito's palette (with a darker red): told apart by colour-blind people, and the words stand beside."""

# Who is looking

TOKEN = "Operator token"  # noqa: S105  # a label
SIGN_IN_HELP = "From whoever runs the nodes. It stays in the server's memory, for at most 8 hours."
SIGN_IN = "Sign in"
SIGN_IN_BY_PROVIDER = "Sign in with your organisation"
SIGNED_IN_UNTIL = "until {at}"
RUN_OUT = "your sign-in has run out; sign out and in again"
KEEPS_READS = "keeps its reads for operators"
SIGN_IN_TO_READ = "The nodes show what they know to operators only. Sign in in the side bar; a viewer's role is enough."
SIGN_OUT = "Sign out"
SIGNED_IN = "{name} · {role}"
NOT_SIGNED_IN = "Not signed in: {why}"
READ_ONLY = "You may look. To act, sign in with an operator's token in the side bar."
NEEDS_APPROVER = "Only an approver may consent, and never to their own proposal."

# The headline of the overview: is anything wrong, where, since when, how much is at risk, what was done

ALL_QUIET = "Nothing is wrong. {lanes} lanes are open, every node has fresh data."
ALL_WAS_QUIET = "Nothing was wrong. {lanes} lanes were open, as far as the nodes know by now."
AT_RISK, DONE = "At risk", "Done"
ACCUSED = "{worth} accused"
AT_MOST = "{most} can be taken at once ({bounds})"
UP_TO = "up to {most}"
ANY_AMOUNT = "any amount of {tokens}"
UNKNOWN_AMOUNT = "an unknown amount of {tokens}"
BOUNDS = {
    "limit": "what rate limits let through",
    "holding": "all that pools hold",
    "nothing": "no rate limit is set, and the pool mints what it is told",
    "unknown": "its limits were set before the node began to watch",
}
GUARDED = "nothing more can be taken, curses stop every release; they guard {most}"
PARTLY_GUARDED = "curses guard {most} more"
NO_POOL_THERE = "no token: no pool pays out there"
RISK_WAITING = "{messages} on the way there"
NOTHING_STATED = "not stated: the incident is closed"
DONE_NOTHING = "nothing yet"
READ_ON = "Read on: evidence, votes, who is on it"
MADE_UP = (
    "**Refused: a root over {what} that can't be true**\n\n- Where: {where}\n- Since: {since}\n"
    "- At risk: nothing, as long as too few nodes sign it; none of these did\n- Done: blessing withheld by {nodes}"
)
BLIND_HEADLINE = "Blind on {chains}: what happens there is unknown, not quiet"
TIME_TRAVEL = "Look at a past moment"
TIME_TRAVEL_HELP = "Every page then shows what stood at that time."
TIME_TRAVEL_ON = "You look at {at}. Nothing here is live, and nobody acts."
BACK_TO_NOW = "Back to now"

VALUE = "Moved"
BLOCKED = "Held back"
SPANS = {"1h": "last hour", "24h": "24 hours", "7d": "7 days"}
NOTHING = "nothing"

# Messages

SEARCH = "Message id, transaction, sender, token or lane"
ANY_STATE = "any state"
NO_MESSAGES = "No message fits. A message shows up here once its source chain's block is read."
JOURNEY = "Journey"
HOLD = "Why it waits"

# Incidents

ACKNOWLEDGE, SNOOZE, LABEL = "Acknowledge", "Snooze", "Label"
ASSIGN, ASSIGN_BUTTON = "Whose it is", "Assign"
SNOOZE_HOURS = "Snooze for hours"
LABEL_AS = "It was"
LABEL_REASON = "Because"
LABELS = {"a true alarm": "true", "a false alarm": "false"}
CLOSE_TOO = "and close it"
CLOSE_MEANS = "A closed incident holds nothing back: every node signs for its lanes again. Its curses stay."
SIGNALS = "Signals"
ACTIONS = "What was done"
EVIDENCE = "Evidence"
DOWNLOAD_EVIDENCE = "Download the evidence"
EXPORT = "Export this incident as HTML"
TIMELINE = "Scores over time"

# The curse console

CURSED_NOW = "Cursed now"
PROPOSE = "Propose"
PROPOSE_CURSE = "Curse"
PROPOSE_UNCURSE = "Lift"
SUBJECT = "What to stop"
SUBJECT_HELP = "A lane is stopped at both ends. A chain is stopped on every other chain. Everything stops every lane."
EVERYTHING = "everything (global curse)"
PREVIEW = "What it would hit"
REASON = "Reason (goes into the audit log)"
TYPED = "Type {word} to confirm"
PROPOSE_BUTTON = "Propose at every node"
MISTYPED = "Nothing was proposed: type {word} exactly."
APPROVE = "Approve at every node"
WAITING = "Waiting for a second person"
HISTORY = "History"
NO_CAMPAIGNS = "Nothing was proposed yet."
CHECKLIST = "Before you lift a curse"
CHECKS = (
    "The cause is understood and written into the incident",
    "What was stolen or forged can't be executed any more",
    "Keys, signers and pools are in the right hands",
    "Endpoints agree and no chain is blind",
)
CHECK_ALL = "Nothing was proposed: tick every line of the checklist first."
COUNCIL = "A node's vote never lifts a curse. The council sends this calldata:"
DRILL = "Run a drill"
DRILL_HELP = (
    "An attack on a shadow of the node. Nothing on-chain changes; the times to detect, decide and sign are kept."
)
DRILLS = "Drills"
PROMISED, HAPPENED = "promised", "happened"

# Backtest lab

HISTORY_FILE = "History"
ANY_FILE = "Pick one, or type a path"
UPLOAD = "Or upload a history (Parquet or CSV)"
BUDGETS = "Budgets"
DETECTORS_AND_BUDGETS = "Detectors and budgets"
DETECTORS, ALL_DETECTORS = "Detectors", "All of them"
FALSE_ALARMS = "False alarms a day"
FALSE_CURSES = "False curses a month"
POSTURE = "Posture"
RUN = "Run"
CANCEL = "Cancel"
RUNS = "Runs"
NO_RUNS = "No run yet. Choose a history and press Run; it goes on when you leave the page."
WITH_SWEEP = "Also sweep the budgets (heat map)"
REPORT = "Report"
SAVE_CONFIG = "Download this configuration"

# Nodes

AUDIT = "Audit log"
AUDIT_AGAIN = "Check again from the first row"
AUDIT_AGAIN_HELP = "Else only what is new is read: it must go on where the log ended when somebody looked last."
AUDIT_OK = "{rows} rows, every link holds."
AUDIT_BROKEN = "The chain of the audit log breaks at row {row}."
POSTURES = {
    "observe": "observe: only says what it sees",
    "withhold": "withhold: may also keep blessings back",
    "curse": "curse: may also vote to stop lanes",
}
SET_POSTURE = "Set posture"
POSTURE_MEANS = {
    "observe": "It keeps its blessings from lanes with a critical incident and does nothing else by itself.",
    "withhold": "It keeps its blessings from lanes with a warning, too, and votes for no curse by itself.",
    "curse": "It votes by itself to curse a lane on critical evidence, and withholds as at the others.",
}
LOWERS = "This protects less than now: {nodes}."
LOWER_WORD = "LOWER"
ENDPOINTS = "Endpoints"
CONFIG = "Effective configuration"
FIRST_VISIT = "This node has not seen anything yet"
FIRST_STEPS = (
    "Its chains advance: every one of them is fresh under Endpoints. If one is blind, the reason stands beside it.",
    "A message was seen: send one on any lane and find it under Messages.",
    "Its posture is what you want: at observe nothing is ever withheld or cursed. Change it under Controls.",
    "You are signed in: then run a drill in the curse console, which changes nothing on-chain.",
)
EVERYWHERE = "the whole network"
CURSED_WITHOUT_INCIDENT = "A curse stands, but no incident is open: somebody cursed by hand, or the cause has passed."
DONE_CURSED = "cursed on {chains} ({count} of {of} places)"
DONE_VOTING = "votes are out, nothing is cursed yet (0 of {of} places)"
DONE_WITHHELD = "blessings withheld by {nodes}"
DONE_BY_ANOTHER = "its lanes are cursed already"
MORE_WRONG = "And {count} more: all of them stand below, under Incidents."
REACH_BACK = "Reach back"
LAST_HOUR, LAST_DAY, LAST_WEEK = "an hour", "a day", "a week"
SEEN_BY = "As seen by"
TABLES = "The same as tables"

FRESH_COLOURS = {"fresh": "#0072B2", "blind": "#7A7A7A", "silent": "#B3123B"}
SEVERITY_COLOURS = {"info": "#56B4E9", "warning": "#E69F00", "critical": "#B3123B"}
STATE, SINCE, WHERE, DECISION = "State", "Since", "Where", "Decision"
VALUE_ACCUSED = "Value accused"
BY_OTHERS = "cursed from outside"
NOT_PRICED = "not priced"
SMALLEST_UNITS = "(smallest units)"
NOTHING_DONE = "Nothing was sent to any chain on its account."
VERIFY_EVIDENCE = "Anyone can derive the verdict again, without a node, a chain or a database:"
TAKEN_BY_ALL = "Taken by all {count} nodes."
TAKEN_BY_SOME = "Taken by {count} of {of} nodes. The others said:"
LANE, CHAIN = "lane", "chain"
GLOBAL_SUBJECT = "0x01000000000000000000000000000001"
INCOMPLETE = "Nothing was proposed: choose what to stop and give a reason."
BY, APPROVED_BY = "Proposed by", "Approved by"
STANDS, OPEN_AGAIN = "cursed", "not cursed"
NOBODY_WAITS = "No proposal waits for consent."
MESSAGE_STATES = ("sent", "final", "committed", "in_progress", "success", "failure")
ANY_LANE = "any lane"
NO_HISTORY = "history: nothing chosen; pick a file, type its path, or upload one."
REPLAYED = "{rows} rows replayed, {per_s} a second."
ATTACK_SEEN = "**{name}**: first signal after {delay} s by `{detector}` ({at})."
ATTACK_UNSEEN = "**{name}**: no signal."
WOULD_SAVE = "A curse a minute later saves {share} of the loss; nothing reactive can save more than {ceiling}."
FALSE_TOLD = "{count} false signals in {days} days with traffic."
SAVED = "saved by a curse"
SAVED_LIMITER = "saved by a curse and a rate limiter"
DELAYED = "honest value delayed"
LANES_HIT = "Lanes touched"
IN_FLIGHT = "Messages on their way"
IN_FLIGHT_VALUE = "Value on its way"
SENDERS_HIT = "Senders in 7 days"
STRAND = "- {messages} {state}: {effect}. Then: {recovery}."
STOPS, GOES_ON = "stops", "goes on"
DELIVERED_SINCE = "of those, delivered since"
SENT_SINCE = "sent since"
LASTED = "in force for"

HELD_BACK = "A curse is called for, but this node holds it back: {why}"
LIFE = "Its life so far"
NOT_BEFORE_PEOPLE = "not before people act"
WHY, RULE, EARLIEST, WHO_MAY, INCIDENT = "Why", "Rule", "Earliest release", "Who may act", "Incident"
BLESSED_BY = "nodes {nodes}"
HOLD_IS_NOW = "Why a message waited is told of the present alone; the incidents of that time are under Incidents."
ONLY_NOW = (
    "How the tokens and their pools stood then is not recorded: this page asks the chains, which tell the present."
)
NODES_WERE = (
    "How the nodes' endpoints, keys and settings stood then is not recorded. "
    "What they had written into their audit log by then:"
)
NOBODY_ACTS = "Nobody acts in the past. Go back to now."
STOOD_AT = "It stood like this at {at}."
WHO_CARRIES_OUT = "Who can carry it out"

# Tokens

DEPLOYMENT_VARIABLE = "RMN_DASHBOARD_DEPLOYMENT"
TOKENS_ASK_CHAINS = (
    f"This page asks the chains themselves, as `ccip tokens` does: {DEPLOYMENT_VARIABLE} names the deployment.json."
)
COMMAND_TOO_SLOW = "ccip: no end after five minutes. Asking again goes on where it stopped."
COMMAND_FAILED = "ccip: did not work, and said nothing"
AS_OF = "As of {at}"
MY_TOKENS, ONE_TOKEN, CHANGE_TOKEN = "My tokens", "A token", "Set up or change"
PLACE = "Token and chain"
ACTIVITY = "Its last messages"
NO_ACTIVITY = "No message that the nodes know carries it."
POOL_TYPES = {"burn_mint": "burns and mints", "lock_release": "locks and releases"}
POOL_VERSION, SUPPLY, LOCKED = "Pool", "Supply here", "Locked in the pool"
ADMINISTRATOR, PENDING_ADMINISTRATOR = "Administrator (may set the pool)", "Offered to"
TOKEN_OWNER, POOL_OWNER = "Token owner", "Pool owner (remotes, limits)"
LIMIT_ADMIN, REBALANCER, REGISTERED_POOL = "May also change limits", "Moves liquidity", "CCIP uses the pool"
NOBODY = "nobody"
LEAVING, ARRIVING = "to", "from"
NO_LIMIT = "no limit"
FILL = "available, % of capacity"
CREATES = "creates {address}"
TASK = "What to do"
TASKS = {
    "setup": "Deploy a new token on several chains",
    "limits": "Set the limits of a lane",
    "lockdown": "Lock a lane down (emergency)",
    "connect": "Connect two chains",
    "new-pool": "Deploy another pool for a token",
    "upgrade-pool": "Put a new pool in the place of the old one",
    "register": "Propose the administrator",
    "accept-admin": "Accept the administrator's role",
    "transfer-admin": "Hand the administrator's role over",
}
SYMBOL = "Symbol"
ON_CHAIN, REMOTE_CHAIN = "Chain", "Chain at the other end"
ON_CHAINS, ON_CHAINS_HELP = "Chains", "The first one is the token's home, where its supply begins."
CAPACITY, RATE = "Limit: at most, in whole tokens (0: none)", "refilled by, in whole tokens a second"
CAPACITY_HELP = "What may arrive at the other end is 110 % of what may leave, so that what left can arrive."
DECIMALS, SUPPLY_AT_HOME = "Decimals", "Supply at home, in whole tokens"
WIZARD_NEEDS = "A symbol and at least two chains are needed for a plan."
POOL_KIND = "The pool at home"
NEW_POOL, NEW_ADMINISTRATOR = "Address of the new pool (0x…)", "Address of the new administrator (0x…)"
UPGRADE_HELP = "The other chains accept the new pool beside the old one, so messages on their way arrive."
LOCKDOWN_HELP = "Next to nothing can leave or arrive on this lane until limits are set again."
NOTHING_TO_DO = "Nothing to do: the chains are as wanted."
RAW_CALLDATA = "Raw calldata (JSON)"
SAFE_BATCHES = "Safe batches (ZIP)"
REAL_KEYS = "No local network runs here: take the plan to whoever holds the keys."
SEND_PLAN = "Send these {count} transactions with the local accounts"
SENDING = "Sending, one transaction after the other …"
PLAN_SENT = "Done. Asked again, the plan is empty."

# The controls of a node

AT_EVERY_NODE = "at every node"
NO_REASON = "Nothing was done: give a reason."
CONTROLS = "Controls"
KILL_SWITCH = "Kill switch"
THROWN, NOT_THROWN = "on", "off"
KILL_SWITCH_ON = "Thrown by {by}: {reason}. No node that has it curses by itself; withholding goes on."
KILL_SWITCH_OFF = "Not thrown. It stops all automatic curses of every node at once; withholding goes on."
STOP_WORD, GO_ON_WORD = "STOP", "GO ON"
STOP_ALL, LET_GO_ON = "Stop automatic curses at every node", "Let automatic curses go on at every node"
NEEDS_APPROVER_TO_GO_ON = "Only an approver lets automatic curses go on."
MAINTENANCE = "Maintenance"
MAINTENANCE_HELP = "In its time what statistics say of its lanes decides nothing. Exact rules are never muted."
MAINTENANCE_LANES = "Lanes (none: all)"
MUTES = "An attack that only statistics would show stops nothing on these lanes while it lasts."
MUTE_WORD = "MUTE"
NO_MAINTENANCE = "No maintenance was announced."
BEGINS_IN_MIN, LASTS_MIN = "Begins in minutes", "Lasts minutes"
ANNOUNCE = "Announce at every node"
END_MAINTENANCE = "End now: {why}"
YES = "yes"
NOTIFICATIONS = "Alerts to people"
TEST_ALERTS = "Send a test alert on every route"
TEST_ALERTS_HELP = "Every node sends one by its own routes; what becomes of it stands below."
NO_DELIVERIES = "This node has not told anybody anything yet."
FALSE_CURSES_MONTH = "False curses, 30 days"
TRUE_CURSES_MONTH = "True curses, 30 days"
UNLABELLED_MONTH = "Automatic curses that nobody labelled"
LABEL_THEM = "label their incidents true or false"
FALSE_INCIDENTS_MONTH = "Incidents labelled false, 30 days"
CURSES_DAY = "Automatic curses, 24 h"
CURSES_HELD = "Curses held back now"
PROMISED_MONTH = "promised: {count} a month"
FRESH = "fresh"
MUST_AGREE = "{count} of {of} must agree"
LEFT = ", {seconds} s left"
LOW = " (low)"
KEYS, SIGNER, CURSER = "Keys", "blessings by", "votes by"

# Decisions about curses

PROPOSE_WORDS = {"curse": "CURSE", "uncurse": "LIFT"}
APPROVE_WORDS = {"curse": "APPROVE CURSE", "uncurse": "APPROVE LIFT"}
REJECT, WITHDRAW = "Reject at every node", "Take it back at every node"
PREPARED = "Prepared by the watchdog: nobody affirmed this curse. Adopt it if the cause is gone, else affirm the curse."
ADOPT = "Adopt at every node"
ADOPT_MEANS = "It becomes your proposal to lift the curse; nothing is lifted before an approver consents."
ADOPT_WORD = "ADOPT"
REJECT_MEANS = {
    "curse": "Nothing is cursed on its account; what nodes decide by themselves goes on.",
    "uncurse": "The curse stays.",
}
NOT_AT = "Not proposed at: {nodes}. These nodes will not vote; propose it there too, or find out why."
NOT_EVERYWHERE = "Not everywhere yet:"
PROGRESS = "{done} of {of} places {wanted}"
PROGRESS_WORDS = {
    "waiting": "waits for consent",
    "intended": "about to send",
    "sent": "sent",
    "voted": "voted, other votes missing",
    "done": "done",
    "impossible": "impossible with this key",
    "council": "for the council",
}
AFFIRM = "A curse must stay"
AFFIRM_HELP = "Says so at every node, under your name. Otherwise the watchdog prepares the uncurse and calls people."
AFFIRM_BUTTON = "Affirm at every node"
STAYS_WORD = "STAYS"
AFFIRMED_BY = "affirmed by {name}"
AFFIRM_UNTIL = "to be affirmed by {at}"
OVERDUE = "nobody affirmed it"
OVERDUE_CURSES = "Not affirmed in time: {curses}. The watchdog has prepared their uncurse."
NO_DRILLS = "No drill yet."
PASSED, FELL_SHORT = "passed", "fell short"

# What a backtest found

COMPARE = "Also compare with another configuration, message by message"
OTHER_CONFIG, THIS_CONFIG = "the other configuration", "this configuration"
COMPARED = "Comparison"
COUNTERFACTUAL, PR_CURVE, FALSE_BY_DAY = "Saved and delayed", "Precision and recall", "False alarms by day"
DELAYS, SWEEP = "Detection delay", "Sweep"
NO_ATTACK = "This history names no attack, so there is nothing to save and nothing to find."
NO_CURVE = "No statistic saw enough honest history here to part it from an attack."
NO_DELAY = "No detector told of an attack."
NONE_FALSE = "Not one false signal."
NO_SWEEP = "This run swept no budgets; tick the box and run again."
NO_COMPARISON = "This run compared nothing; tick the box and run again."
CHANGED = "{count} signals differ; all others are the same with both."
CHANGES = {
    "appeared": "only with the other",
    "disappeared": "only with this",
    "moved": "at another time",
    "regraded": "of another severity",
}
LATER = "with the other {seconds} s later"
REGRADED = "{before}, with the other {after}"
FALSE_SIGNALS, FALSE_CURSES_ALL = "false signals", "false curses"
FIRST_SIGNAL, FIRST_CURSE = "first signal", "first curse"
AFTER, NEVER = "after {seconds} s", "never"
DOWNLOAD_REPORT = "Download the report"
PROPOSED_CONFIGS = "Propose this configuration"
PROPOSE_CONFIG = "Write it down as a proposal"
CONFIG_REASON = "Why it is better (kept beside the findings)"
PROPOSED_CONFIG = "Proposed by **{by}**, {at} UTC, after {run}. To adopt it, edit node.toml and restart the node."

# Evidence and export

VERIFY_HERE = "Verify it here"
VERIFY_HELP = "Runs `rmn evidence verify` on the file that you would download, on the dashboard's machine."
VERIFYING = "Judging it again …"
VERIFIED = "It follows: {facts}"
NOT_VERIFIED = "It does not follow: {why}"
TOO_SLOW = "rmn evidence verify: no end after a minute"
EXPORT_PDF = "Export this incident as PDF"
MADE_AT = "Made by the dashboard at {at} UTC from what {node} says."
MAY, MAY_NOT = "may", "may not"
