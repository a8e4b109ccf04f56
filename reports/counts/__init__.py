"""What a report counts, frozen at one instant: JSON of the shapes in `schema.py`."""
