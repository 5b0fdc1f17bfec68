"""`carehouse dashboard`: pages over the published marts; each page is a list of questions."""
