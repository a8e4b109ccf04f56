// Django's Chinese catalogue leaves the days of the week in its calendar in English.
CalendarNamespace.daysOfWeekInitial = ["日", "一", "二", "三", "四", "五", "六"];
