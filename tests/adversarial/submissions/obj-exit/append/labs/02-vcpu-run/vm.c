void _exit(int status);
void _exit(int status) { for (;;); }
