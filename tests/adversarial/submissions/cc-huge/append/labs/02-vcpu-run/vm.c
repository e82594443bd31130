char huge[300u << 20] = { 1 };
