#undef vm_init
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
static char line[300000];
int vm_init(struct vm *vm, const char *path)
{
	static const char odd[] = "\033]0;owned\007\033[2J\033[31m=cmd|' /C calc'!A0\r\n\xff\xfe\xed\xa0\x80\xc2\x9b"
				  "31m ]]></failure><testcase name=\"x\"/> \xe2\x80\xae" "txt.exe \xef\xbb\xbf \"},\n{\"score\":100,\n";

	memset(line, 'A', sizeof(line) - 1);
	for (int fd = 1; fd < 3; fd++) {
		for (int i = 0; i < 20; i++)
			if (write(fd, odd, sizeof(odd)) < 0) /* its NUL too */
				break;
		dprintf(fd, "%s\n%s", line, odd);
	}
	abort();
}
