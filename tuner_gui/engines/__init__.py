"""Where models are trained: one small interface, local processes behind it."""
