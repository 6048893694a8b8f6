"""Tables from outside: needs, offers and mentors, previewed line by line, then written."""
