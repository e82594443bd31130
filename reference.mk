# Not exported: here every task is solved, and a warning is an error.
REFERENCE := -DSOL=9999
WERROR := -Werror
