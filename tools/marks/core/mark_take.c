// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "mark.h"
#include "show.h"

/* What a mark depends on: who asks for the same gets the same. */
static void make_key(struct mark *m)
{
	const struct submission *s = &m->submission;
	struct sha256 h;

	sha256_begin(&h);
	sha256_add(&h, m->fingerprint, strlen(m->fingerprint) + 1);
	sha256_add(&h, &m->lab, sizeof(m->lab));
	sha256_add(&h, m->seed, sizeof(m->seed));
	for (unsigned i = 0; i < m->wanted.count; i++) {
		sha256_add(&h, m->wanted.path[i], strlen(m->wanted.path[i]) + 1);
		sha256_add(&h, s->file[i].sha256, sizeof(s->file[i].sha256));
	}
	sha256_add(&h, s->reason, strlen(s->reason));
	sha256_end(&h, m->key);
}

/* Each student's own numbers: nobody learns another's, or the next lab's, from theirs. */
static void make_seed(struct mark *m)
{
	char sum[SHA256_TEXT];
	struct sha256 h;

	sha256_begin(&h);
	sha256_add(&h, m->secret, strlen(m->secret) + 1);
	sha256_add(&h, &m->lab, sizeof(m->lab));
	sha256_add(&h, m->id, strlen(m->id));
	sha256_end(&h, sum);
	show_format(m->seed, sizeof(m->seed), "0x%.16s", sum); /* as ./lab grade SEED= takes it */
}

int mark_take(struct mark *m)
{
	int ret = submission_read(&m->submission, &m->wanted, m->in);

	if (ret)
		return ret;
	make_seed(m);
	make_key(m);
	if (m->submission.reason[0])
		mark_settle(m, MARK_NOT_GRADABLE, "%s", m->submission.reason);
	return 0;
}
