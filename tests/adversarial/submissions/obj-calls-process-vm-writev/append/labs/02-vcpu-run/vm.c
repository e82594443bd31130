#include <unistd.h>
#include <sys/uio.h>
long tamper(void);
long tamper(void) { return process_vm_writev(getppid(), 0, 0, 0, 0, 0); }
