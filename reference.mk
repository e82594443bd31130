# Not exported: here every task is solved.
REFERENCE := -DSOL=9999
