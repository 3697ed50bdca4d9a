"""Question sets into recorded answers, recorded answers into scores, scores into a report."""
