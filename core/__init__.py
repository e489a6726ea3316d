"""Words every domain speaks: errors, actor, geography, instants, keys."""
