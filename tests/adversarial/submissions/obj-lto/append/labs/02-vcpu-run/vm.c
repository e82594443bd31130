__attribute__((section(".gnu.lto_.symtab.0123456789abcdef"), used)) static const char plugin[] =
	"vm_made\0\0\0\0\0\0";
