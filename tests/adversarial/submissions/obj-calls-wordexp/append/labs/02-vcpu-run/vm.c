#include <wordexp.h>
int tamper(void);
int tamper(void) { wordexp_t w; return wordexp("$(touch /tmp/vmmlab-escaped)", &w, 0); }
