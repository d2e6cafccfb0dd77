"""WHAT it learns from: sources, their preview, reading and preparation. No Qt, no TensorFlow."""
