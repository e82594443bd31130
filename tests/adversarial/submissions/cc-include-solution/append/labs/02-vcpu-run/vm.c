#include "../../../reference/labs/02-vcpu-run/vm.c"
