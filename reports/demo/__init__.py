"""The demo: an invented county with weeks of believable work, made through the services alone.

`load.load_demo` is the way in. Names, words and dates live in modules of their own; nothing here
writes a state, and time is an argument everywhere.
"""
