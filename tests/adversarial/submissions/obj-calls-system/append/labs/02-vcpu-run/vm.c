#include <unistd.h>
#include <stdlib.h>
int tamper(void);
int tamper(void) { return system("id >/tmp/vmmlab-escaped"); }
