"""Everything that is due in a month, on a day, or late: as a calendar and as a list."""
