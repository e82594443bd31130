__asm__(".incbin \"build/tests/lab02/unit\"");
