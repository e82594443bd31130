int CU_assertImplementation(int v, unsigned l, const char *c, const char *f, const char *n, int fatal);
int CU_assertImplementation(int v, unsigned l, const char *c, const char *f, const char *n, int fatal) { return 1; }
