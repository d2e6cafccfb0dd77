"""WHAT leaves a study: trials as tables, for Optuna, as a Keras model, as a script, as a report. No Qt, no TensorFlow."""
