__asm__(".incbin \"/dev/stdin\"");
