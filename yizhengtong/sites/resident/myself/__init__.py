"""Who I am, my documents, my family: what a resident says once, and for whom a resident acts."""
