"""Templates of campaigns: the format of the files, and the built-in ones."""

from campaigns.blueprints.problems import Invalid, Problem
from campaigns.blueprints.reading import read
from campaigns.blueprints.shape import Plan
from campaigns.blueprints.writing import write

__all__ = ["Invalid", "Plan", "Problem", "read", "write"]
