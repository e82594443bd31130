#define svm_run real_svm_run
