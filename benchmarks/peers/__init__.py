"""What this program is compared with: searches with Keras ``fit``, each as its own documentation shows it."""
