const char *text = R"(
# 1 "/usr/include/x.h" 1
#NO_APP
)";
__asm__(".incbin \"../../tests/lab02/unit_vm.c\"");
