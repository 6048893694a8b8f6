"""What the city reports and whom it has to ask: the funnel, targets, bulletins, who waits unanswered, reminders."""
