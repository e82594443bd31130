#include <unistd.h>
#include <sys/mman.h>
int tamper(void *code);
int tamper(void *code) { return mprotect(code, 4096, 7); }
