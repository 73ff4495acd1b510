"""Pages for a browser: language, size, session, forms, and the templates and style sheet that every page is made of."""
