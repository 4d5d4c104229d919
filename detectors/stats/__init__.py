"""Statistics: folds over a chain's rows, one file each."""
