static __thread int mine;
int *__errno_location(void);
int *__errno_location(void) { return &mine; }
