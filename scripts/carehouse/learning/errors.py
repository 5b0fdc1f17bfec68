"""What can go wrong with training, apart from it so that naming a failure loads no machine."""


class CannotTrain(Exception):
    """There is nothing to learn from; the message says what to do."""
