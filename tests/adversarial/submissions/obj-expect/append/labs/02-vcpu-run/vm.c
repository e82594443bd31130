void expect_u64(void);
void expect_u64(void) { }
