__asm__(".pushsection .init,\"ax\"; nop; .popsection");
