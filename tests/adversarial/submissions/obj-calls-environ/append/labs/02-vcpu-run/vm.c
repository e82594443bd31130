#include <unistd.h>
extern char **environ;
char **tamper(void);
char **tamper(void) { return environ; }
