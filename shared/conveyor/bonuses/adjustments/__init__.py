"""Manual adjustments: asked for by one person, approved by another, posted as entries of kind `manual`."""
