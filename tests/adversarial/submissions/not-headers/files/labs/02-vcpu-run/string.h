#error "this is no <string.h>"
