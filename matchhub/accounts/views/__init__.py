"""Sign-in, registration, people and organizations on the page."""
