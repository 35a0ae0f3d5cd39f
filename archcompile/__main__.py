"""`python -m archcompile`: the command `archc` of this very Python."""

from archcompile.cli.main import main

main()
