void test_send(_Bool end);
void says(void);
void says(void) { test_send(1); }
