// SPDX-License-Identifier: MIT
/* --trace on a run that never happened: what the threads note, and what becomes of it. */
#include <pthread.h>
#include <unistd.h>

#include "fake_exits.h"
#include "options.h"
#include "thread.h"
#include "trace_out.h"
#include "trace_schema.h"

static struct schema s;

static struct trace *begin(void)
{
	struct trace *trace = trace_begin(-1, &slot, &nslots);

	if (!trace)
		test_error("no memory");
	recorder_init(&rec, &page.run, -1);
	return trace;
}

/* What a writer makes of the trace so far. */
static const char *written(const struct trace *trace, const char *name)
{
	const char *path = test_text("%s", test_tmpfile(name)), *form = path;
	FILE *f = fopen(path, "w");
	struct film film;

	if (!f)
		test_error("%s cannot be made", path);
	EXPECT_ERR(film_make(&film, trace, "guests/some.bin"), 0);
	trace_writer_of (&form)(&film, f);
	fclose(f);
	film_free(&film);
	return path;
}

/* A request of the device in window 3: notified, taken, given back, told. */
static void one_request(u16 head, bool told)
{
	u64 from = trace_tick();

	trace_note(TRACE_POP, .a = 3, .v = { head, 16, 513, 0, 5, TRACE_RING(1, 1, 0, 8) });
	trace_note(TRACE_PIECE, .a = 3, .v = { 0x1000, 16, 0, head });
	trace_note(TRACE_PUSH, .a = 3, .v = { head, 513, 0, 0, 0, TRACE_RING(1, 1, 1, 8) });
	if (told)
		trace_note(TRACE_CALL, .a = 3, .b = 1);
	trace_note_at(from, TRACE_KICK, .a = 3,
		      .v = { trace_tick() - from, 0, 0, 0, 0, TRACE_RING(1, 0, 0, 8) });
}

TEST("-", trace_is_off_at_first, 0)
{
	CONTEXT("nobody has asked for a trace: nothing is noted, and nothing needs memory");
	EXPECT_TRUE(!trace_mine);
	EXPECT_TRUE(!trace_now());
	trace_note(TRACE_LINE, .a = 1, .b = 1);
	trace_join(NULL, "nobody");
	EXPECT_TRUE(!trace_mine);
}

TEST("-", trace_keeps_each_exit, 0)
{
	struct trace *trace = begin();
	struct trace_record r;

	for (unsigned i = 0; i < 100; i++)
		out_exit((u8)i, 0x1000 + i);
	EXPECT_U64(trace_total(trace_mine), 99);
	recorder_end(&rec);
	CONTEXT("the last one has no entry behind it, and is there all the same, once");
	recorder_end(&rec);
	EXPECT_U64(trace_total(trace_mine), 100);
	for (unsigned i = 0; i < 100; i++) {
		EXPECT_TRUE(trace_read(trace_mine, i, &r));
		EXPECT_U64(r.type, TRACE_EXIT);
		EXPECT_U64(r.a, EXIT_IO_OUT);
		EXPECT_U64(r.v[3], 0xe9);
		EXPECT_U64(r.v[4], i);
	}
	EXPECT_TRUE(!trace_read(trace_mine, 100, &r));
	trace_end(trace);
}

TEST("-", trace_forgets_the_first, 0, .seconds = 0.3)
{
	struct trace *trace = begin();
	const struct trace_log *log = trace_mine;
	struct trace_record r;
	struct film film;

	for (u64 i = 0; i < TRACE_RECORDS + 10; i++)
		trace_note(TRACE_LINE, .v = { i });
	CONTEXT("a log is a ring: of more records than it has room for, the last ones are kept");
	EXPECT_U64(trace_first(log), 11);
	EXPECT_TRUE(!trace_read(log, 10, &r));
	EXPECT_TRUE(trace_read(log, 11, &r));
	EXPECT_U64(r.v[0], 11);
	EXPECT_TRUE(trace_read(log, TRACE_RECORDS + 9, &r));
	EXPECT_U64(r.v[0], TRACE_RECORDS + 9);
	EXPECT_ERR(film_make(&film, trace, "x"), 0);
	EXPECT_U64(film.forgotten, 11);
	EXPECT_U64(film.nshots, TRACE_RECORDS - 1);
	film_free(&film);
	trace_end(trace);
}

#define NOTES 20000

static void *note_many(void *arg)
{
	for (u64 i = 0; i < NOTES; i++)
		trace_note(TRACE_LINE, .v = { i, i, i, i, i, i });
	return NULL;
}

TEST("-", trace_is_read_while_it_is_written, 0)
{
	struct trace *trace = begin();
	const struct trace_log *log = NULL;
	pthread_t thread;

	EXPECT_ERR(thread_start(&thread, "another", note_many, NULL), 0);
	while (!log)
		log = __atomic_load_n(&trace->log[1], __ATOMIC_ACQUIRE);
	EXPECT_STR(log->name, "another");
	for (u64 i = 0; i < NOTES;) {
		struct trace_record r;

		if (!trace_read(log, i, &r))
			continue;
		for (unsigned n = 0; n < ARRAY_SIZE(r.v); n++)
			if (r.v[n] != i)
				EXPECT_U64(r.v[n], i);
		i++;
	}
	pthread_join(thread, NULL);
	EXPECT_U64(trace_total(log), NOTES);
	EXPECT_U64(trace_total(trace_mine), 0);
	trace_end(trace);
}

TEST("-", trace_json_fits_its_schema, 0)
{
	struct trace *trace = begin();

	for (unsigned i = 0; i < 10; i++) {
		out_exit('x', 0x1000);
		trace_note(TRACE_PIC, .v = { i % 2 ? 0x0200 : 0x0002 });
		one_request((u16)i, i % 3);
	}
	hlt_exit();
	recorder_end(&rec);
	trace_note(TRACE_POP, .a = 3, .v = { 77, 1, 1, 0, 0, 0 });
	json_decref(check_trace(&s, written(trace, "a.json")));
	EXPECT_U64(s.guests, 11);
	EXPECT_U64(s.slices, 2 * 11 + 10);
	EXPECT_U64(s.flows, 10);
	CONTEXT("five times an interrupt was in service, the last one to the end; ten requests; "
		"the "
		"guest is entered, its first byte comes, and the end");
	EXPECT_U64(s.spans, 5 + 10 + 3);
	EXPECT_U64(s.points, 6);
	trace_end(trace);
}

TEST("-", trace_follows_each_request, 0)
{
	struct trace *trace = begin();
	struct film film;

	out_exit('x', 0x1000);
	one_request(5, false);
	one_request(5, false);
	one_request(6, true);
	trace_note(TRACE_POP, .a = 3, .v = { 5, 1, 1, 0, 0, 0 });
	EXPECT_ERR(film_make(&film, trace, "x"), 0);
	EXPECT_U64(film.nrequests, 4);
	for (unsigned i = 0; i < 3; i++) {
		const struct request *request = &film.request[i];

		EXPECT_TRUE(request->kick < request->pop && request->pop < request->push);
		EXPECT_U64(film.shot[request->call].r.type, TRACE_CALL);
		EXPECT_U64(request->call, film.request[2].call);
	}
	CONTEXT("the last one has been taken, and that is all");
	EXPECT_U64(film.request[3].push, NO_SHOT);
	EXPECT_U64(film.request[3].call, NO_SHOT);
	film_free(&film);
	trace_end(trace);
}

static trace_writer *form_of(const char *text, const char *path)
{
	trace_writer *writer = trace_writer_of(&text);

	EXPECT_STR(text, path);
	return writer;
}

TEST("-", trace_forms, 0)
{
	EXPECT_TRUE(form_of("a.json", "a.json") == trace_json);
	EXPECT_TRUE(form_of("dir.json/a.html", "dir.json/a.html") == trace_html);
	EXPECT_TRUE(form_of("a.request.svg", "a.request.svg") == trace_request_svg);
	EXPECT_TRUE(form_of("a.interrupt.svg", "a.interrupt.svg") == trace_interrupt_svg);
	EXPECT_TRUE(form_of("a.memory.svg", "a.memory.svg") == trace_memory_svg);
	EXPECT_TRUE(form_of("a.boot.svg", "a.boot.svg") == trace_boot_svg);
	EXPECT_TRUE(form_of("memory.svg:/dev/stdout", "/dev/stdout") == trace_memory_svg);
	EXPECT_TRUE(!form_of("a.svg", "a.svg"));
	EXPECT_TRUE(!form_of("json", "json"));
	EXPECT_TRUE(!form_of(".json", ".json"));
	EXPECT_TRUE(!form_of("json:", "json:"));
	EXPECT_TRUE(!form_of("", ""));
}

/* How often part is in text. */
static unsigned times(const char *text, const char *part)
{
	unsigned n = 0;

	for (; (text = strstr(text, part)); text++)
		n++;
	return n;
}

TEST("-", trace_page_is_whole, 0)
{
	struct trace *trace = begin();
	const char *text, *records;

	for (unsigned i = 0; i < 10; i++) {
		out_exit('x', 0x1000);
		one_request((u16)i, true);
	}
	recorder_end(&rec);
	text = file_text(written(trace, "a.html"));
	CONTEXT("each mark of common/page/trace.html has been replaced, and all records are there");
	EXPECT_U64(times(text, "@style@") + times(text, "@script@") + times(text, "@data@"), 0);
	EXPECT_CONTAINS(text, "<h1>some.bin</h1>");
	EXPECT_CONTAINS(text, "\"records\":60,\"forgotten\":0");
	records = strstr(text, "id=\"records\">");
	EXPECT_TRUE(records);
	records += strlen("id=\"records\">");
	EXPECT_U64(strcspn(records, "<"), 60 * sizeof(struct trace_record) / 3 * 4);
	EXPECT_U64(times(text, "<svg "), 4);
	CONTEXT("it fetches nothing: the only address in it is a name");
	EXPECT_U64(times(text, "http"), times(text, "http://www.w3.org/2000/svg"));
	EXPECT_U64(times(text, " src="), 0);
	trace_end(trace);
}

TEST("-", trace_pictures, 0)
{
	struct trace *trace = begin();
	char *text;

	EXPECT_CONTAINS(file_text(written(trace, "a.request.svg")), "No request");
	EXPECT_CONTAINS(file_text(written(trace, "a.interrupt.svg")), "No interrupt");
	EXPECT_CONTAINS(file_text(written(trace, "a.memory.svg")), "slot 0: 0x0 to 0xffff");
	one_request(5, true);
	text = file_text(written(trace, "b.request.svg"));
	EXPECT_CONTAINS(text, "taken: head 5, a chain of 1");
	EXPECT_CONTAINS(text, "to read: 0x1000, 16 bytes");
	EXPECT_CONTAINS(text, "given back: 513 bytes written");
	trace_note(TRACE_LINE, .a = 10, .b = 1);
	trace_note(TRACE_PIC, .v = { 4, 4 });
	trace_note(TRACE_PIC, .v = { 0x400, 0x400 });
	trace_note(TRACE_INJECT, .a = 0x2a);
	trace_note(TRACE_PIC, .v = { 0, 0 });
	text = file_text(written(trace, "b.interrupt.svg"));
	EXPECT_CONTAINS(text, "line 10 rises");
	EXPECT_CONTAINS(text, "KVM_INTERRUPT, vector 0x2a");
	EXPECT_CONTAINS(text, "its bit of ISR is 0");
	trace_end(trace);
}

TEST("-", trace_that_could_not_begin, 0)
{
	struct options opt = { .trace = { .count = 0 } };

	CONTEXT("trace_begin() has failed, and said why: what was asked for is not there");
	EXPECT_U64(traces_write(&opt), 0);
	opt.trace.count = 1;
	EXPECT_U64(traces_write(&opt), 1);
}
