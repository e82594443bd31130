__asm__(".pushsection .rodata; .INCBIN \"/usr/bin/env\"; .popsection");
