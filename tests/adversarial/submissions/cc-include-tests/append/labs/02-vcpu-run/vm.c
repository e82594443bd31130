#include "../../tests/lab02/unit_vm.c"
