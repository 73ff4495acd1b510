"""HTTP only: a package per audience, which never import each other. What they do, the rooms below do for them."""
