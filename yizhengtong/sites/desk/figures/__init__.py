"""The head of an office: time limits, waiting, reasons, ratings and volumes, as tables, charts and files."""
