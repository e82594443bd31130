#include "vm.c"
