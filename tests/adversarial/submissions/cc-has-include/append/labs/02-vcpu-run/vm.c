#if __has_include("../../tests/lab02/unit_vm.c") || __has_include("/course/tests/lab02/unit_vm.c") || \
	__has_include("/work/tree/build/tests/grade") || __has_include("../../../reference/labs/02-vcpu-run/vm.c") || \
	__has_include("/proc/1/environ/x")
#error there is more to be seen than there should be
#endif
