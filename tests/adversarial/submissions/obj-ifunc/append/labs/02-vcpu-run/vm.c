static int answer(void) { return 1; }
static void *choose(void) { return answer; }
int chosen(void) __attribute__((ifunc("choose")));
