#if !__STDC_HOSTED__ && __has_include("../../tests/lab08/blackbox_svm.c")
#error the tests are to be seen
#endif
#if !__STDC_HOSTED__ && __has_include("../../build/tests/lab08/unit-faults")
#error what was built is to be seen
#endif
