int all_equal(const void *a, const void *b, unsigned long n);
int all_equal(const void *a, const void *b, unsigned long n) { return 0; }
#pragma weak memcmp = all_equal
