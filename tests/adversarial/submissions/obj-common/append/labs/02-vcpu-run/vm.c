__attribute__((common)) long suite_opts[1000];
