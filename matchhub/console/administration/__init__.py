"""The administrator's pages: how the installation looks, its words, its organizations and people, and how it runs."""
