"""A city to try it with, built through the services so that it obeys the rules."""
