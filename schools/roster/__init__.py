"""The roster: units and people as a workbook, in and out.

`reading` makes rows of a workbook, `checking` a plan of the rows, `applying` writes the plan, and
`writing` makes workbooks. The three long jobs about it (schools.jobs) go by these names.
"""

CHECK, APPLY, EXPORT = "roster.check", "roster.apply", "roster.export"
