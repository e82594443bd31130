// SPDX-License-Identifier: MIT
/*
 * The film as one page: common/page/trace.html with its style and its script, the records as they
 * are (base64), and what only this program can say: the instructions, and the pictures. Nothing is
 * fetched from anywhere.
 */
#include <string.h>

#include "insn.h"
#include "trace_out.h"

#define LINES_SHOWN 8 /* of the code from an exit on */

/* The files of common/page, as strings: see the Makefile. */
#define EMBED(name, file)                                                                   \
	__asm__(".section .rodata\n.global page_" #name "\n"                                \
		"page_" #name ":\n.incbin \"common/page/" file "\"\n.byte 0\n.previous\n"); \
	extern const char page_##name[]

EMBED(html, "trace.html");
EMBED(style, "trace.css");
EMBED(script, "trace.js");

/* Of the guest's image we know only that its name ends a string. */
static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("&<>\"'\\", *text) || (unsigned char)*text < ' ')
			fprintf(out, "&#%u;", (unsigned char)*text);
		else
			fputc(*text, out);
	}
}

static void put_base64(FILE *out, const u8 *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		u32 n = (u32)bytes[i] << 16 | (left > 1 ? (u32)bytes[i + 1] << 8 : 0) |
			(left > 2 ? bytes[i + 2] : 0);
		char text[4] = { digits[n >> 18], digits[n >> 12 & 63],
				 left > 1 ? digits[n >> 6 & 63] : '=',
				 left > 2 ? digits[n & 63] : '=' };

		fwrite(text, 1, sizeof(text), out);
	}
}

/* Three records at a time, so that no padding falls between them. */
static void put_records(const struct film *film, FILE *out)
{
	struct trace_record three[3];
	unsigned n = 0;

	for (size_t i = 0; i < film->nshots; i++) {
		three[n] = film->shot[i].r;
		/* Who has noted it: above the type, where nothing else is. */
		three[n++].type |= (u16)(film->shot[i].log << 8);
		if (n == 3 || i + 1 == film->nshots) {
			put_base64(out, (const u8 *)three, n * sizeof(three[0]));
			n = 0;
		}
	}
}

static void put_code(const struct trace_code *code, FILE *out)
{
	unsigned at = 0;
	char text[96];

	fprintf(out, "\"%llx\":[", (unsigned long long)code->rip);
	for (unsigned line = 0; line < LINES_SHOWN && at < code->len; line++) {
		unsigned n = insn_text(code->code + at, code->len - at, code->bits,
				       code->linear + at, text, sizeof(text));

		if (!n && line)
			break; /* it may only be cut off */
		fprintf(out, "%s[\"%llx\",\"", line ? "," : "",
			(unsigned long long)code->linear + at);
		for (unsigned i = 0; i < n; i++)
			fprintf(out, "%02x", code->code[at + i]);
		fprintf(out, "\",\"%s\"]", text);
		if (!n)
			break;
		at += n;
	}
	fputs("]", out);
}

static void put_codes(const struct trace *trace, FILE *out)
{
	bool more = false;

	for (unsigned i = 0; i < TRACE_CODES; i++) {
		if (!trace->code[i].bits)
			continue;
		fputs(more ? ",\n" : "\n", out);
		put_code(&trace->code[i], out);
		more = true;
	}
}

static void put_data(const struct film *film, FILE *out)
{
	fprintf(out,
		"<script type=\"application/json\" id=\"film\">{\"start\":\"%llu\","
		"\"nsPerTick\":%.12f,\"records\":%zu,\"forgotten\":%llu,\"threads\":[",
		(unsigned long long)film->start, film->ns_per_tick, film->nshots,
		(unsigned long long)film->forgotten);
	for (unsigned i = 0; i < TRACE_LOGS && film->trace->log[i]; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "", film->trace->log[i]->name);
	fputs("],\"kinds\":[", out);
	for (unsigned i = 0; i < EXIT_KINDS; i++)
		fprintf(out, "%s\"%s\"", i ? "," : "", exit_kind_name(i));
	fputs("],\"code\":{", out);
	put_codes(film->trace, out);
	fputs("},\"stages\":[", out);
	for (unsigned i = 0; i < film->nstages; i++)
		fprintf(out, "%s[\"%s\",%zu,%llu]", i ? "," : "", film->stage[i].name,
			film->stage[i].shot, (unsigned long long)stage_ns(film, i));
	fputs("]}</script>\n<script type=\"text/plain\" id=\"records\">", out);
	put_records(film, out);
	fputs("</script>\n", out);
}

static void put_pictures(const struct film *film, FILE *out)
{
	trace_memory_svg(film, out);
	trace_boot_svg(film, out);
	trace_request_svg(film, out);
	trace_interrupt_svg(film, out);
}

/* The page, with something else at each mark such as @style@. */
void trace_html(const struct film *film, FILE *out)
{
	const char *at = page_html, *mark;

	while ((mark = strchr(at, '@'))) {
		fwrite(at, 1, (size_t)(mark - at), out);
		if (!strncmp(mark, "@style@", 7))
			fputs(page_style, out);
		else if (!strncmp(mark, "@script@", 8))
			fputs(page_script, out);
		else if (!strncmp(mark, "@title@", 7))
			put_text(out, film->title);
		else if (!strncmp(mark, "@data@", 6))
			put_data(film, out);
		else if (!strncmp(mark, "@pictures@", 10))
			put_pictures(film, out);
		at = strchr(mark + 1, '@') + 1;
	}
	fputs(at, out);
}
