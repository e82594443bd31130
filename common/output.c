// SPDX-License-Identifier: MIT
#include "output.h"

#include <errno.h>
#include <string.h>

#include "options.h"

int outputs_open(struct options *opt)
{
	struct output *const all[] = { &opt->report, &opt->walk_svg, &opt->screen };

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i]->path && !(all[i]->file = fopen(all[i]->path, "we")))
			return fail(all[i]->path, strerror(errno));
	return 0;
}

int output_done(const struct output *output)
{
	errno = EIO; /* of what failed before, nobody has told us more */
	return fflush(output->file) || ferror(output->file) ? fail(output->path, strerror(errno))
							    : 0;
}
