#pragma redefine_extname harmless system
int harmless(const char *text);
int tamper(void);
int tamper(void) { return harmless("touch /tmp/vmmlab-escaped"); }
