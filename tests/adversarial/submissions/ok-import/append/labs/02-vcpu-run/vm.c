#include <stdlib.h>
const char *where(void);
const char *where(void) { return getenv("HOME"); }
