from weekly.models.sync import Reading, WeeklyReport, WeeklySync
from weekly.models.warning import EarlyWarning, WarningRule

__all__ = ["EarlyWarning", "Reading", "WarningRule", "WeeklyReport", "WeeklySync"]
