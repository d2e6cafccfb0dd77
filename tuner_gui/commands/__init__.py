"""The commands of ``tuner-gui``, one module each. Each loads what it needs when it runs, so that all start fast."""
