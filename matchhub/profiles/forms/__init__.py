"""Forms of the profiles: they check shape, the services check truth."""
