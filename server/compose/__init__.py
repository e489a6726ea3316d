"""Where a story needs two domains: composed here, inside the request's transaction."""
