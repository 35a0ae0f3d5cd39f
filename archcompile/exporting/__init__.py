"""A run or a spec in the forms of other programs, each run there and compared before it is kept."""
