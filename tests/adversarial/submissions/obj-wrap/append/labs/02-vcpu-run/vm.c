int __wrap_memcmp(const void *a, const void *b, unsigned long n);
int __wrap_memcmp(const void *a, const void *b, unsigned long n) { return 0; }
int __real_memcmp(const void *a, const void *b, unsigned long n);
int __real_memcmp(const void *a, const void *b, unsigned long n) { return 0; }
