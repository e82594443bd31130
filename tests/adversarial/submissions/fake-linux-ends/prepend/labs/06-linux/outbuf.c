#define outbuf_put the_real_one_too
