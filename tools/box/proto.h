/* SPDX-License-Identifier: MIT */
/*
 * What the two sides of the box say to each other, over one byte stream: a virtio port in the svm
 * engines, the second serial port in vmx. Everything travels in frames, so that stdout, stderr,
 * files and the exit status share the stream and stay apart.
 */
#ifndef BOX_PROTO_H
#define BOX_PROTO_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 4096 /* bytes of data in one frame, at most */

/* A frame is this header, then `len` bytes. Little-endian, as both machines are. */
struct frame {
	uint8_t type;
	uint8_t zero[3];
	uint32_t len;
};

enum {
	/* from the host */
	TO_CONFIG = 'C',  /* a piece of the settings below; len 0: that was all, go */
	TO_INPUT = 'I',	  /* bytes for the program's stdin; len 0: end of file */
	TO_SIGNAL = 'S',  /* one byte: a signal for the program */
	TO_WINDOW = 'W',  /* struct winsize: the terminal's size */
	TO_NOTHING = 'N', /* an interrupt, and no more */
	/* from the box */
	FROM_READY = 'R',   /* booted, waiting for the settings */
	FROM_STARTED = 'B', /* the settings came; the program begins */
	FROM_STDOUT = 'O',
	FROM_STDERR = 'E',
	FROM_FILES = 'F', /* a piece of a cpio archive with the files that were asked for */
	FROM_LOG = 'L',	  /* one line: what went wrong in the box itself */
	FROM_EXIT = 'X',  /* one byte: exit status, or 128 + signal. The last frame. */
};

/*
 * Settings: strings, each ended by a zero byte, "name=value":
 *   disk=BYTES     the payload is the first BYTES of /dev/vda (else it is unpacked already)
 *   time=SECONDS   since 1970: the clock of a resumed machine is that of its snapshot
 *   seed=HEX       64 digits for its random numbers, which would repeat, too
 *   tty=1          stdin and stdout are one terminal
 *   root=1         run as root
 *   arg=.. env=.. get=..   each as often as needed, in order
 */
#define CONFIG_MAX 65536

/*
 * Write one frame whole, or read one whole. Return 0, or a negative errno: -EPIPE when the other
 * side is gone, -EPROTO when it sends what is no frame.
 */
int frame_write(int fd, uint8_t type, const void *data, size_t len);
int frame_read(int fd, struct frame *frame, void *data /* FRAME_MAX bytes */);

/*
 * A side that must not block collects bytes and takes whole frames out of them.
 * frame_next: 1 with the frame and a pointer to its data, 0 when more bytes are needed, -EPROTO.
 */
struct frame_buffer {
	size_t used, taken;
	uint8_t bytes[4 * (sizeof(struct frame) + FRAME_MAX)];
};
int frame_fill(struct frame_buffer *b, int fd); /* one read(): bytes, 0 at the end, -errno */
int frame_next(struct frame_buffer *b, struct frame *frame, const uint8_t **data);

#endif
