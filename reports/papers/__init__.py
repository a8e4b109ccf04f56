"""What goes out on paper: one `Paper` out of frozen figures, and its three shapes: Word, page, workbook.

Everything in here is pure: the same figures and words make the same paper, the same bytes.
"""

#: Of what this package makes out of the same figures; kept with every report. Raised when that changes.
RENDERER = 2
