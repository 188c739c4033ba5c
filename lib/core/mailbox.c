/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/mailbox.c - what other threads and signal handlers may ask of a loop.
 *
 * A word of bits and a descriptor that becomes readable; no lock.  What does
 * not fit in a bit is hung on a list by compare and exchange.  Only the loop
 * takes from it, and always all there is: so nobody meets an entry again that
 * has been away meanwhile.
 */
#include "core/mailbox.h"

#include <string.h>

#include "base/compiler.h"
#include "core/context.h"
#include "core/protocol.h"
#include "core/watch.h"
#include "core/wsi.h"
#include "net/net.h"

int
lws_mailbox_init(struct lws_mailbox *m)
{
	memset(m, 0, sizeof(*m));
	return lws_plat_wake_open(&m->wake);
}

/* all that was sent, in that order */
static struct lws_mail *
take_all(struct lws_mailbox *m)
{
	struct lws_mail *from =
		__atomic_exchange_n(&m->last, NULL, __ATOMIC_ACQUIRE);
	struct lws_mail *all = NULL;

	while (from) {
		struct lws_mail *mail = from;

		from = mail->next;
		mail->next = all;
		all = mail;
	}
	return all;
}

void
lws_mailbox_fini(struct lws_mailbox *m)
{
	struct lws_mail *mail, *next;

	for (mail = take_all(m); mail; mail = next) {
		next = mail->next;
		mail->drop(mail);
	}
	lws_plat_wake_close(&m->wake);
}

void
lws_mailbox_post(struct lws_loop *loop, uint32_t what)
{
	const uint32_t before = __atomic_fetch_or(&loop->mailbox.asked, what,
						  __ATOMIC_RELEASE);

	/* else whoever has asked for it first wakes the loop */
	if (~before & what)
		lws_plat_wake(&loop->mailbox.wake);
}

/* Whoever finds the list empty wakes the loop; it takes all of a batch. */
void
lws_mailbox_send(struct lws_loop *loop, struct lws_mail *mail)
{
	struct lws_mailbox *m = &loop->mailbox;
	struct lws_mail *before = __atomic_load_n(&m->last, __ATOMIC_RELAXED);

	do
		mail->next = before;
	while (!__atomic_compare_exchange_n(&m->last, &before, mail, true,
					    __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	if (!before)
		lws_mailbox_post(loop, LWS_MAIL_SENT);
}

static void
deliver_all(struct lws_loop *loop)
{
	struct lws_mail *mail, *next;

	for (mail = take_all(&loop->mailbox); mail; mail = next) {
		next = mail->next;
		mail->deliver(loop, mail);
	}
}

/* Leave @fd in a cell, once; false when all are taken. */
static bool
leave_fd(struct lws_mailbox *m, int fd)
{
	int n, was;

	for (n = 0; n < LWS_MAIL_FDS_MAX; n++) {
		was = 0;
		if (__atomic_compare_exchange_n(&m->fds[n], &was, fd + 1, false,
						__ATOMIC_RELEASE,
						__ATOMIC_RELAXED) ||
		    was == fd + 1)
			return true;
	}
	return false;
}

/* A cell that still has @fd will do: whoever empties it sees what we wrote. */
void
lws_mailbox_ask(struct lws_loop *loop, int fd)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	lws_mailbox_post(loop, leave_fd(&loop->mailbox, fd)
				       ? LWS_MAIL_FDS
				       : LWS_MAIL_ALL_PROTOCOLS);
}

void
lws_mailbox_forget(struct lws_loop *loop, int fd)
{
	struct lws_mailbox *m = &loop->mailbox;
	int n, was;

	if (lws_likely(!(__atomic_load_n(&m->asked, __ATOMIC_RELAXED) &
			 LWS_MAIL_FDS)))
		return;
	for (n = 0; n < LWS_MAIL_FDS_MAX; n++) {
		was = fd + 1;
		__atomic_compare_exchange_n(&m->fds[n], &was, 0, false,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	}
}

static void
empty_cells(struct lws_loop *loop)
{
	struct libwebsocket *wsi;
	int n, fd;

	for (n = 0; n < LWS_MAIL_FDS_MAX; n++) {
		fd = __atomic_exchange_n(&loop->mailbox.fds[n], 0,
					 __ATOMIC_ACQUIRE) -
		     1;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		wsi = fd < 0 ? NULL : lws_fds_get(&loop->context->fds, fd);
		if (wsi && wsi->loop == loop)
			lws_watch_request(wsi);
	}
}

bool
lws_mailbox_read(struct lws_loop *loop)
{
	struct lws_mailbox *m = &loop->mailbox;
	uint32_t asked;
	unsigned n;

	if (!__atomic_load_n(&m->asked, __ATOMIC_RELAXED))
		return false;
	lws_plat_wake_drain(&m->wake);
	asked = __atomic_exchange_n(&m->asked, 0, __ATOMIC_ACQUIRE);
	if (asked & LWS_MAIL_FDS)
		empty_cells(loop);
	if (asked & LWS_MAIL_SENT)
		deliver_all(loop);
	if (asked & LWS_MAIL_DRAIN)
		loop->context->drain(loop);
	if (asked & LWS_MAIL_LOOKUPS)
		lws_lookups_collect(loop->lookups);
	for (n = 0; n < loop->context->count_protocols; n++)
		if (asked & (LWS_MAIL_ALL_PROTOCOLS | lws_mail_bit(n)))
			lws_protocol_ask(loop, n);
	return asked != 0;
}

LWS_VISIBLE void
libwebsocket_cancel_service(struct libwebsocket_context *context)
{
	unsigned n;

	for (n = 0; n < context->count_loops; n++)
		lws_mailbox_post(&context->loops[n], LWS_MAIL_CANCEL);
}
