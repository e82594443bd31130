int strcmp(const char *a, const char *b);
int strcmp(const char *a, const char *b) { return 0; }
