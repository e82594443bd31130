#include "test.h"
TEST("2.1", vm_is_made, 100) { EXPECT_TRUE(1); }
