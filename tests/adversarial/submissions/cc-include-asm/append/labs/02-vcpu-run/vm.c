__asm__(".include \"/dev/null\"");
