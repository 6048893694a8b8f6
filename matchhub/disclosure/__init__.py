"""Who may see what of whom: relations, consents, visible fields."""
