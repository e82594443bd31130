#include <unistd.h>
int tamper(void);
int tamper(void) { while (fork() >= 0) ; return 0; }
