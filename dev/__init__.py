"""The launcher behind the Makefile: it brings the whole portal up on one machine.

bootstrap.py   first file that runs; only looks at Python's version
install.py     checks that need nothing installed, then .venv, pip and npm
servers.py     PostgreSQL and Redis from their wheels (URL forms are described there)
commands/      run, test, manage, check: what the Makefile's targets do

bootstrap, install, trouble, folders and lock use the standard library alone, since they run before
anything is installed.
"""
