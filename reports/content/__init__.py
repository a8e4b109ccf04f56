"""What came of a campaign: topics, meetings, indicators, suggestions, good work; who answers for what."""
