"""One file for each kind of answer; each takes a Context and returns a Draft."""
