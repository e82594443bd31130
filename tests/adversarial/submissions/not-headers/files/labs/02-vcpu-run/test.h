#define EXPECT_U64(a, b) ((void)0)
