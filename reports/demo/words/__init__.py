"""What the invented county writes and says: texts alone, no code."""
