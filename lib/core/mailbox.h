/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/mailbox.h - what other threads and signal handlers may ask of a loop.
 */
#ifndef LWS_CORE_MAILBOX_H
#define LWS_CORE_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "plat/plat.h"

struct lws_loop;

/* descriptors that can be named at a time; beyond them everybody is asked */
#define LWS_MAIL_FDS_MAX 64

/* something for a loop that is more than a bit: it begins with this */
struct lws_mail {
	struct lws_mail *next;

	/* In the loop's thread, amid a turn; takes @mail. */
	void (*deliver)(struct lws_loop *loop, struct lws_mail *mail);

	/* The loop ends before that; takes @mail. */
	void (*drop)(struct lws_mail *mail);
};

struct lws_mailbox {
	struct lws_wake wake;
	uint32_t asked;			/* atomic: bits below */
	struct lws_mail *last;		/* atomic: sent last, then backwards */
	int fds[LWS_MAIL_FDS_MAX];	/* atomic: descriptor + 1, or 0 */
};

/* bit n: protocol n wants WRITEABLE; the last bits are: */
#define LWS_MAIL_DRAIN	       (1u << 26)
#define LWS_MAIL_SENT	       (1u << 27)
#define LWS_MAIL_LOOKUPS       (1u << 28)
#define LWS_MAIL_FDS           (1u << 29)
#define LWS_MAIL_ALL_PROTOCOLS (1u << 30)
#define LWS_MAIL_CANCEL        (1u << 31)

/* beyond the bits there are all are asked: an extra WRITEABLE does no harm */
static inline uint32_t
lws_mail_bit(unsigned protocol)
{
	return protocol < 26 ? 1u << protocol : LWS_MAIL_ALL_PROTOCOLS;
}

int lws_mailbox_init(struct lws_mailbox *m);

/* Nobody posts or sends any more. */
void lws_mailbox_fini(struct lws_mailbox *m);

/* Ask, and wake the loop; any thread, async-signal-safe. */
void lws_mailbox_post(struct lws_loop *loop, uint32_t what);

/* Have the connection on @fd hear that it is writable; any thread. */
void lws_mailbox_ask(struct lws_loop *loop, int fd);

/*
 * Have @mail (taken) delivered at the beginning of a turn, in the order of
 * sending as far as a thread can know it; any thread.
 */
void lws_mailbox_send(struct lws_loop *loop, struct lws_mail *mail);

/* The connection on @fd ends: what was asked for it means no other one. */
void lws_mailbox_forget(struct lws_loop *loop, int fd);

/* Do what was asked; true when the turn should not wait. */
bool lws_mailbox_read(struct lws_loop *loop);

#endif
