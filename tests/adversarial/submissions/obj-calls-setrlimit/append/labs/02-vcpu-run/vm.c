#include <unistd.h>
#include <sys/resource.h>
int tamper(void);
int tamper(void) { struct rlimit no = { 0, 0 }; return setrlimit(RLIMIT_FSIZE, &no); }
