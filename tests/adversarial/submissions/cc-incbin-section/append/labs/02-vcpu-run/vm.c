__attribute__((section(".data\n.incbin \"/usr/bin/env\"\n#"))) int in_a_section = 1;
