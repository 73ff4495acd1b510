"""Offices, officers and their roles, looked after by administrators; a second one confirms."""
