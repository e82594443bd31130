// SPDX-License-Identifier: MIT
#include "conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

int conf_time(const char *text, time_t *to)
{
	int year, month, day, hour, minute, second = 0, used = 0, hours, minutes, east = 0;
	struct tm tm = { 0 };
	const char *zone;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute, &used) != 5)
		return -EINVAL;
	zone = text + used;
	if (*zone == ':' && sscanf(zone, ":%2d%n", &second, &used) == 1)
		zone += used;
	if (sscanf(zone, "%*[+-]%2d:%2d%n", &hours, &minutes, &used) == 2 && !zone[used])
		east = (*zone == '-' ? -60 : 60) * (hours * 60 + minutes);
	else if (strcmp(zone, "Z") != 0)
		return -EINVAL;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 ||
	    minute > 59 || second > 60 || (hour == 24 && (minute || second)))
		return -EINVAL;
	if (east && (hours > 14 || minutes > 59)) /* no clock is further from UTC */
		return -EINVAL;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	tm.tm_hour = hour;
	tm.tm_min = minute;
	tm.tm_sec = second;
	*to = timegm(&tm) - east;
	return tm.tm_mday == day || hour == 24 ? 0 : -EINVAL; /* no 31st of November */
}

static const char *set_lab(struct conf *c, const char *words)
{
	struct conf_lab lab = { .weight = 1 };
	char due[41] = "";
	int used = 0, all = 0, n;

	n = sscanf(words, "%2u weight %5d%n due %40s%n", &lab.lab, &lab.weight, &used, due, &all);
	if (n < 2 || !lab.lab || lab.weight < 0 || words[n == 3 ? all : used])
		return "not `lab: 02 weight 20 due 2026-11-02T23:59:00+01:00`";
	if (n == 3 && conf_time(due, &lab.due))
		return "no date such as 2026-11-02T23:59:00+01:00 (or with Z at its end)";
	if (conf_lab(c, lab.lab))
		return "this lab stands there twice";
	if (c->labs == CONF_LABS_MAX)
		return "too many labs";
	c->lab[c->labs++] = lab;
	return NULL;
}

static const char *set_extension(struct conf *c, const char *words)
{
	struct conf_extension *e = &c->extension[c->extensions];
	int used = 0;

	if (c->extensions == CONF_EXTENSIONS_MAX)
		return "too many extensions";
	if (sscanf(words, "%199s %2u %6d%n", e->student, &e->lab, &e->hours, &used) != 3 ||
	    words[used] || e->hours < 0)
		return "not `extension: STUDENT LAB HOURS`";
	c->extensions++;
	return NULL;
}

static const char *set_number(int *to, const char *words)
{
	char *end;
	long n = strtol(words, &end, 10);

	if (end == words || *end || n < 0 || n > 100000)
		return "not a number of hours";
	*to = n;
	return NULL;
}

static const char *set_penalty(struct conf *c, const char *words)
{
	int used = 0;

	if (sscanf(words, "%3d percent each %5d hours%n", &c->percent, &c->each, &used) != 2 ||
	    !used || words[used] || c->percent < 0 || c->percent > 100 || c->each < 1)
		return "not `penalty: 10 percent each 24 hours`";
	return NULL;
}

/* What is wrong with a line; NULL: nothing. */
static const char *set(struct conf *c, const char *key, const char *words)
{
	if (!strcmp(key, "course"))
		show_format(c->course, sizeof(c->course), "%s", words);
	else if (!strcmp(key, "keep") && (!strcmp(words, "best") || !strcmp(words, "last")))
		c->best = !strcmp(words, "best");
	else if (!strcmp(key, "slip"))
		return set_number(&c->slip, words);
	else if (!strcmp(key, "late-at-most"))
		return set_number(&c->late_at_most, words) ?: (c->has_most = true, NULL);
	else if (!strcmp(key, "penalty"))
		return set_penalty(c, words);
	else if (!strcmp(key, "lab"))
		return set_lab(c, words);
	else if (!strcmp(key, "extension"))
		return set_extension(c, words);
	else
		return !strcmp(key, "keep") ? "keep: best, or last"
					    : "none of course, keep, slip, penalty, late-at-most, "
					      "lab, extension";
	return NULL;
}

void conf_skip_mark(char *line)
{
	if (!strncmp(line, "\xef\xbb\xbf", 3))
		memmove(line, line + 3, strlen(line + 3) + 1);
}

int conf_read(struct conf *c, const char *path, char *why, size_t size)
{
	FILE *f = fopen(path, "re");
	char line[1000];
	int number = 0, err = 0;

	*c = (struct conf){ 0 };
	if (!f) {
		err = -errno;
		show_format(why, size, "%s: %s", path, strerror(errno));
		return err;
	}
	while (!err && fgets(line, sizeof(line), f)) {
		const char *wrong = "not `KEY: words`";
		char *key, *words;

		if (!number++)
			conf_skip_mark(line);
		key = line + strspn(line, " \t");
		line[strcspn(line, "#\r\n")] = 0;
		for (size_t n = strlen(key); n && strchr(" \t", key[n - 1]); n--)
			key[n - 1] = 0;
		if (!*key)
			continue;
		words = strchr(key, ':');
		if (words) {
			*words++ = 0;
			wrong = set(c, key, words + strspn(words, " \t"));
		}
		if (wrong) {
			show_format(why, size, "%s:%d: %s", path, number, wrong);
			err = -EINVAL;
		}
	}
	fclose(f);
	return err;
}

const struct conf_lab *conf_lab(const struct conf *c, unsigned lab)
{
	for (unsigned i = 0; i < c->labs; i++)
		if (c->lab[i].lab == lab)
			return &c->lab[i];
	return NULL;
}

int conf_late(const struct conf *c, const char *student, unsigned lab, time_t submitted)
{
	const struct conf_lab *l = conf_lab(c, lab);
	time_t due = l ? l->due : 0;

	if (!due)
		return 0;
	for (unsigned i = 0; i < c->extensions; i++)
		if (c->extension[i].lab == lab && !strcmp(c->extension[i].student, student))
			due += (time_t)c->extension[i].hours * 3600;
	return submitted <= due ? 0 : (int)((submitted - due + 3599) / 3600);
}

int conf_final(const struct conf *c, int score, int late, int *slip)
{
	int free = late < *slip ? late : *slip, paid = late - free;
	long long percent = 0;

	if (c->has_most && late > c->late_at_most)
		return 0;
	*slip -= free;
	if (paid && c->each)
		percent = (long long)c->percent * (((long long)paid + c->each - 1) / c->each);
	return percent >= 100 ? 0 : score * (100 - (int)percent);
}
