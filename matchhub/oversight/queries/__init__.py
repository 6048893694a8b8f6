"""The figures of a steward's scope and the lists behind them."""
