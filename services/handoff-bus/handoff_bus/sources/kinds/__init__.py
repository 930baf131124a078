"""The kinds of sources. A new kind is a folder with `verify.py` and `parse.py`, and one line in `registry.py`."""
