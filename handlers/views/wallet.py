"""Money as its owner sees it: balance, deposits, withdrawals."""

from handlers.callbacks import Callback


class DepositPress(Callback, prefix="wa.dep"):
    """Pay money in for jobs; `amount` is what is wanted (0: ask)."""

    amount: int
