void call(void (*f)(void));
void call(void (*f)(void)) { f(); }
int tamper(int n);
int tamper(int n)
{
	void inner(void) { n++; }
	call(inner);
	return n;
}
