"""How a model is trained. TensorFlow is imported here only, and only inside the training process."""
