"""The bridge between a session and the window: a thread that serves it, and a pump for its events. QtCore only."""
