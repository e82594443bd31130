__attribute__((section(".data.mine\n\t.end\n#"), used)) int last = 1;
