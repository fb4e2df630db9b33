"""`make bench`: the whole bot beside stock libraries, on one local server, as ratios (docs/PERFORMANCE.md)."""
