void __gmon_start__(void);
void __gmon_start__(void) { __builtin_trap(); }
