static int again(void) __attribute__((weakref("fork")));
int tamper(void);
int tamper(void) { return again ? again() : 0; }
