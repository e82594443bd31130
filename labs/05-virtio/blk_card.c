// SPDX-License-Identifier: MIT
/* Given: a disk as --device makes one, with or without a pool. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "blk.h"
#include "blk_clear.h"
#include "blk_file.h"
#include "card.h"
#include "confine.h"

static void notify(struct virtio *v, unsigned queue)
{
	if (container_of(v, struct blk, virtio)->pool)
		blk_pool_notify(v, queue);
	else
		blk_notify(v, queue);
}

static void config_read(struct virtio *v, u32 off, void *data, u32 len)
{
	const struct blk *blk = container_of(v, struct blk, virtio);

	memcpy(data, (const u8 *)&blk->config + off, len);
}

static void forget(struct virtio *v)
{
	blk_pool_forget(container_of(v, struct blk, virtio)->pool);
}

static void forget_queue(struct virtio *v, unsigned queue)
{
	forget(v);
}

static const struct virtio_ops blk_ops = {
	.name = "blk",
	.id = BLK_ID,
	.nqueues = 1,
	.config_size = BLK_CONFIG_SIZE,
	.features = BLK_F_SEG_MAX | BLK_F_FLUSH | BLK_F_DISCARD | BLK_F_WRITE_ZEROES,
	.notify = notify,
	.reset = forget,
	.stop = forget_queue,
	.config_read = config_read,
};

int blk_init(struct blk *blk, struct mem *mem, const char *path, bool readonly, struct why *why)
{
	u64 bytes;

	*blk = (struct blk){ .readonly = readonly, .id = "vmmlab" };
	virtio_init(&blk->virtio, &blk_ops, mem);
	blk->fd = blk_file_open(path, readonly, &bytes, why);
	if (blk->fd < 0) {
		int err = blk->fd;

		blk->fd = -1;
		return err;
	}
	blk->config = (struct blk_config){
		.capacity = bytes / BLK_SECTOR,
		.seg_max = VIRTQ_MAX - 2, /* the header and the status take one each */
	};
	if (readonly) {
		blk->virtio.offered |= BLK_F_RO;
		blk->virtio.offered &= ~(BLK_F_DISCARD | BLK_F_WRITE_ZEROES);
		return 0;
	}
	blk->config.max_discard_sectors = blk->config.max_write_zeroes_sectors =
		BLK_CLEAR_SECTORS_MAX;
	blk->config.max_discard_seg = blk->config.max_write_zeroes_seg = BLK_CLEAR_SEGMENTS;
	blk->config.discard_sector_alignment = BLK_CLEAR_ALIGNMENT;
	blk->config.write_zeroes_may_unmap = 1;
	return 0;
}

void blk_destroy(struct blk *blk)
{
	blk_pool_stop(blk->pool);
	if (blk->fd >= 0)
		close(blk->fd);
	blk->fd = -1;
}

/* --device=blk,... */
struct words {
	const char *file;
	bool readonly;
	unsigned threads;
};

static int read_words(struct words *w, char *args, struct why *why)
{
	char *value;

	for (char *key; (key = card_next_arg(&args, &value));) {
		if (!strcmp(key, "file") && value && *value)
			w->file = value;
		else if (!strcmp(key, "readonly") && !value)
			w->readonly = true;
		else if (!strcmp(key, "threads") && value && !strcmp(value, "0"))
			w->threads = 0;
		else if (!strcmp(key, "threads") && value && !strcmp(value, "2"))
			w->threads = BLK_POOL_THREADS;
		else
			return why_set(why, CARD_WRONG_WORDS,
				       "blk: %.40s? say file=PATH[,readonly][,threads=0|2]; a "
				       "comma in PATH is written twice",
				       key);
	}
	if (!w->file)
		return why_set(why, CARD_WRONG_WORDS,
			       "blk: which file? say file=PATH[,readonly][,threads=0|2]");
	return 0;
}

static int make(struct card *card, const struct wiring *to, char *args, struct why *why)
{
	struct words words = { .threads = BLK_POOL_THREADS };
	struct blk *blk = card->device;
	struct why reason;
	int err = read_words(&words, args, why);

	if (err)
		return err;
	card->virtio = &blk->virtio;
	card->parts = CONFINE_DISK;
	err = blk_init(blk, &to->vm->mem, words.file, words.readonly, &reason);
	blk->wants_pool = words.threads != 0;
	if (card->number) /* two disks are told apart by that: Linux's /dev/disk/by-id */
		snprintf(blk->id, sizeof(blk->id), "vmmlab-%u", card->number + 1);
	return err ? why_set(why, err, "blk: %s: %s", words.file, reason.text) : 0;
}

static int start(void *device, pthread_mutex_t *lock)
{
	struct blk *blk = device;

	return blk->wants_pool ? blk_pool_start(blk, lock) : 0;
}

static void stop(void *device)
{
	blk_pool_stop(((struct blk *)device)->pool);
}

static void destroy(void *device)
{
	blk_destroy(device);
}

const struct card_kind blk_card = {
	.name = "blk",
	.size = sizeof(struct blk),
	.make = make,
	.start = start,
	.stop = stop,
	.destroy = destroy,
};
