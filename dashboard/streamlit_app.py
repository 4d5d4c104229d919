"""The picture frame: title, navigation, and whichever page was chosen."""

import streamlit as st

from dashboard.words import OVERVIEW, TITLE

st.set_page_config(page_title=TITLE, page_icon="🛡️", layout="wide")
page = st.navigation([st.Page("app_pages/overview.py", title=OVERVIEW, icon="🗺️", default=True)])
st.title(f"{TITLE} · {page.title}")
page.run()
