"""A crowd around the played part of the city: invented firms, funds, banks and mentors with a year of business, as rows.

Playing each step through the services takes some milliseconds; a crowd of 500 firms, or of 100,000 for load, is written as
rows that obey the same rules, and the tests of the demo ask the same questions of both.
"""
