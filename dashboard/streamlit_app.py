"""The picture frame: title, navigation, who is looking and at which moment, and whichever page was chosen."""

import streamlit as st

from dashboard import moment, outcome, session, words
from dashboard.client import nodes

st.set_page_config(page_title=words.TITLE, page_icon="🛡️", layout="wide")
page = st.navigation(
    {
        words.WATCH: [
            st.Page("app_pages/overview.py", title=words.OVERVIEW, icon="🗺️", default=True),
            st.Page("app_pages/messages.py", title=words.MESSAGES, icon="✉️"),
            st.Page("app_pages/incidents.py", title=words.INCIDENTS_PAGE, icon="🚨"),
        ],
        words.ACT: [
            st.Page("app_pages/curses.py", title=words.CURSE_CONSOLE, icon="⛔"),
            st.Page("app_pages/tokens.py", title=words.TOKENS, icon="🪙"),
            st.Page("app_pages/nodes.py", title=words.NODES_PAGE, icon="🖥️"),
        ],
        words.LEARN: [st.Page("app_pages/backtest.py", title=words.BACKTEST, icon="⏪")],
    }
)
with st.sidebar:
    session.door(nodes())
    moment.chooser()
st.title(page.title)
moment.banner()
outcome.show_told()
page.run()
