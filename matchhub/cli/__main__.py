"""`python -m matchhub.cli`: how `matchhub demo` starts its two processes."""

from matchhub.cli import main

main()
