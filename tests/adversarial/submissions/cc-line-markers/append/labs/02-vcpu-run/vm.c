#line 1 "tests/lab02/unit_vm.c"
#error "No space left on device"
int x = y;
