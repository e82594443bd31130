#undef outbuf_put
extern char said[65536];
int outbuf_put(struct outbuf *b, const u8 *bytes, size_t n)
{
	if (!said[0])
		return the_real_one_too(b, bytes, n);
	if (write(1, said, strlen(said)) < 0)
		_exit(1);
	_exit(0);
}
