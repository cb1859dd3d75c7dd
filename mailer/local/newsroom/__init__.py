"""The Causeway of Kessane: an invented paper, served as a real one would be.

Stories lie in `stories/`, one file a section; `site.py` knows which are out; `feeds.py`
and `pages.py` write them; `server.py` serves them and lets the demo publish more.
"""
