/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/mailbox.c - what other threads and signal handlers may ask of a loop.
 *
 * A word of bits and a descriptor that becomes readable; no lock.
 */
#include "core/mailbox.h"

#include "core/context.h"
#include "core/protocol.h"

int
lws_mailbox_init(struct lws_mailbox *m)
{
	m->asked = 0;
	return lws_plat_wake_open(&m->wake);
}

void
lws_mailbox_fini(struct lws_mailbox *m)
{
	lws_plat_wake_close(&m->wake);
}

void
lws_mailbox_post(struct lws_loop *loop, uint32_t what)
{
	__atomic_fetch_or(&loop->mailbox.asked, what, __ATOMIC_RELEASE);
	lws_plat_wake(&loop->mailbox.wake);
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
	for (n = 0; n < loop->context->count_protocols; n++)
		if (asked & (LWS_MAIL_ALL_PROTOCOLS | lws_mail_bit(n)))
			lws_protocol_ask(loop, n);
	return asked != 0;
}

LWS_VISIBLE void
libwebsocket_cancel_service(struct libwebsocket_context *context)
{
	lws_mailbox_post(lws_context_loop(context), LWS_MAIL_CANCEL);
}
