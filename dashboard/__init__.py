"""Floor 4: looks. Streamlit pages over the nodes' HTTP APIs; holds no key, no chain connection and no database."""
