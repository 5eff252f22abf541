"""Training of Mote's own point tracker: scenes, model, trainer, evaluation and export. See ../README.md."""
