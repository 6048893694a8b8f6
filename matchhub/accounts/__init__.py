"""People, organizations of every kind, memberships, sign-in and sessions."""
