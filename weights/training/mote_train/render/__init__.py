"""The renderer that runs wholly on the training device: many clips at once, in torch operations alone."""
