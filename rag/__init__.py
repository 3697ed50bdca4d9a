"""A question into an answer whose every quote, clause number and department is checked."""
