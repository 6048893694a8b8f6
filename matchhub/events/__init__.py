"""Events: from the idea to the outcome. Templates, series, seats, tickets, line-up, invitations."""
