"""What is kept of a person, shown to the person and given along; and forgetting a person."""
