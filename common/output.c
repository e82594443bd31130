// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "options.h"

/* Not emptied: of a run that does not begin, what an earlier one has written is left. */
static FILE *open_file(const char *path)
{
	/* A pipe that nobody reads would wait for its reader. */
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);

	if (fd < 0)
		return NULL;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fdopen(fd, "w");
}

int outputs_open(struct options *opt)
{
	struct output *const all[] = { &opt->report, &opt->walk_svg, &opt->screen };

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i]->path && !(all[i]->file = open_file(all[i]->path)))
			return fail(all[i]->path, strerror(errno));
	for (unsigned i = 0; i < opt->trace.count; i++) {
		struct output *to = &opt->trace.to[i];

		if (!(to->file = open_file(to->path)))
			return fail(to->path, strerror(errno));
	}
	if (opt->walk.wanted)
		opt->walk.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	return 0;
}

int output_done(const struct output *output)
{
	struct stat st;

	errno = EIO; /* of what failed before, nobody has told us more */
	if (fflush(output->file) || ferror(output->file))
		return fail(output->path, strerror(errno));
	/* What an earlier run has written behind that goes. */
	if (!fstat(fileno(output->file), &st) && S_ISREG(st.st_mode) &&
	    ftruncate(fileno(output->file), ftello(output->file)))
		return fail(output->path, strerror(errno));
	return 0;
}
