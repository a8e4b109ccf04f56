"""Where the mails and group messages of `make run` end up: taken like a mail server and the robots' own
servers would, kept below the data folder, and shown in the browser. Nothing leaves the machine.
"""
