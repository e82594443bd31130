__asm__(".pushsection .rodata\n.macro join a, b\n.\\a\\b \"/usr/bin/env\"\n.endm\njoin inc, bin\n.popsection");
