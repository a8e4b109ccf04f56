"""The course of a campaign: what was due and came day by day, what is to be expected, and the light of it."""
