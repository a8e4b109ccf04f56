"""Stored files: what may come in, how it is checked, kept and handed out. Imports nothing itself."""
