__attribute__((section(".gnu.warning.vm_init#"), used)) static const char text[] = "error: the disk is full";
