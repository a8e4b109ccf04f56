"""What a week or a month looks ahead to: tasks, phases and activities with their dates, suggestions."""

from typing import Any

from reports.papers.paper import Block, Column, Value
from reports.papers.periodic_words import Figures, Spoken, as_of, held, task, year
from reports.papers.periodic_work import activities_named, activity, led, staged
from reports.papers.section import Annex, Section, grid_of, placed, section
from reports.papers.sentences import MOST_NAMES
