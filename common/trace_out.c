// SPDX-License-Identifier: MIT
#include "trace_out.h"

#include <string.h>

#include "options.h"

static const struct {
	const char *name;
	trace_writer *writer;
} forms[] = {
	{ "html", trace_html },
	{ "json", trace_json },
	{ "request.svg", trace_request_svg },
	{ "interrupt.svg", trace_interrupt_svg },
	{ "memory.svg", trace_memory_svg },
	{ "boot.svg", trace_boot_svg },
};

trace_writer *trace_writer_of(const char **path)
{
	size_t len = strlen(*path);

	for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
		size_t n = strlen(forms[i].name);

		if (!strncmp(*path, forms[i].name, n) && (*path)[n] == ':' && (*path)[n + 1]) {
			*path += n + 1;
			return forms[i].writer;
		}
		if (len > n + 1 && (*path)[len - n - 1] == '.' &&
		    !strcmp(*path + len - n, forms[i].name))
			return forms[i].writer;
	}
	return NULL;
}

int traces_write(const struct options *opt)
{
	const struct trace *trace = trace_now();
	struct film film;
	int bad = 0, err;

	if (!opt->trace.count)
		return 0;
	if (!trace) /* it could not begin, and that has been said */
		return 1;
	err = film_make(&film, trace, opt->image);
	for (unsigned i = 0; i < opt->trace.count && !err; i++) {
		const struct output *to = &opt->trace.to[i];

		rewind(to->file);
		opt->trace.writer[i](&film, to->file);
		bad |= output_done(to);
	}
	film_free(&film);
	return err ? fail_errno("--trace", err) : bad;
}
