#include <unistd.h>
#include <dlfcn.h>
void *tamper(void);
void *tamper(void) { return dlsym(RTLD_DEFAULT, "expect_u64"); }
