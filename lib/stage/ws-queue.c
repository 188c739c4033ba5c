/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/ws-queue.c - lws_queue_write(): a message from any thread.
 *
 * The message is copied and sent to the loop of its connection, which writes
 * it at the beginning of its next turn like one of its own.  Nothing of the
 * connection is looked at before that, for it may end at any time; whether it
 * has is known by its gate.
 */
#include "stage/stages.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "core/context.h"
#include "core/handle.h"

/* flags that a whole message may have */
#define FLAGS (LWS_WRITE_NO_COMPRESS | LWS_WRITE_CLIENT_IGNORE_XOR_MASK)

struct letter {
	struct lws_mail mail;
	lws_handle to;
	size_t size;			/* that the gate has counted */
	size_t len;
	enum libwebsocket_write_protocol kind;
	unsigned char payload[];
};

/* Where it goes, when its connection is still there. */
static struct libwebsocket *
addressee(const struct lws_loop *loop, const struct letter *l,
	  const struct lws_gate *gate)
{
	struct libwebsocket *wsi;

	if (!lws_gate_is(gate, l->to.generation))
		return NULL;
	wsi = lws_fds_get(&loop->context->fds, lws_handle_fd(l->to));
	return wsi && wsi->loop == loop ? wsi : NULL;
}

/* A write that fails ends the connection, which tells its user. */
static void
deliver(struct lws_loop *loop, struct lws_mail *mail)
{
	struct letter *l = lws_container_of(mail, struct letter, mail);
	struct lws_gate *gate =
		lws_handle_gate(loop->context, lws_handle_fd(l->to));
	struct libwebsocket *wsi = addressee(loop, l, gate);

	if (wsi) {
		libwebsocket_write(wsi, l->payload, l->len, l->kind);
		/* counted there before it is not here any more */
		lws_handle_note(wsi);
	}
	lws_gate_leave(gate, l->size);
	lws_free(l);
}

static void
drop(struct lws_mail *mail)
{
	lws_free(lws_container_of(mail, struct letter, mail));
}

/*
 * Whole messages and control frames: between fragments there might be others
 * of another thread.
 */
static bool
may_be_queued(unsigned kind, size_t len)
{
	switch (kind & ~(unsigned)FLAGS) {
	case LWS_WRITE_TEXT:
	case LWS_WRITE_BINARY:
		return len <= INT_MAX;
	case LWS_WRITE_CLOSE:
	case LWS_WRITE_PING:
	case LWS_WRITE_PONG:
		return len <= LWS_CONTROL_MAX;
	default:
		return false;
	}
}

/* @len is INT_MAX at most. */
static struct letter *
write_letter(lws_handle to, const void *payload, size_t len)
{
	const size_t size = len + sizeof(struct letter);
	struct letter *l = lws_alloc(size);

	if (!l)
		return NULL;
	l->mail.deliver = deliver;
	l->mail.drop = drop;
	l->to = to;
	l->size = size;
	l->len = len;
	if (len)
		memcpy(l->payload, payload, len);
	return l;
}

LWS_VISIBLE int
lws_queue_write(lws_handle handle, const void *buf, size_t len,
		enum libwebsocket_write_protocol protocol)
{
	struct lws_loop *loop;
	struct lws_gate *gate;
	struct letter *l;
	int rc;

	if (!handle.context || !may_be_queued((unsigned)protocol, len))
		return -1;
	loop = lws_handle_loop(handle);
	gate = lws_handle_gate(handle.context, lws_handle_fd(handle));
	if (!loop || !gate ||
	    !lws_gate_carries(gate, lws_span(buf, len),
			      (unsigned)protocol & ~(unsigned)FLAGS))
		return -1;
	rc = lws_gate_enter(gate, handle.generation, len + sizeof(*l),
			    handle.context->tx_limit);
	if (rc < 0)
		return rc == LWS_ERR_LIMIT ? -2 : -1;
	l = write_letter(handle, buf, len);
	if (!l) {
		lws_gate_leave(gate, len + sizeof(*l));
		return -2;
	}
	l->kind = protocol;
	lws_mailbox_send(loop, &l->mail);
	return 0;
}
