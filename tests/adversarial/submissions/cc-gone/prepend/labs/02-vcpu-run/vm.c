#define vm_init another_name
struct vm;
int another_name(struct vm *vm, const char *path);
