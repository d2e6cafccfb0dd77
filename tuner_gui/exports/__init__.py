"""WHAT leaves a study: tables, an Optuna study, a Keras model, a script, a report. No Qt, no TensorFlow."""
