/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/broadcast.c - a payload for every server connection of a protocol.
 *
 * In the process that serves, the callbacks are made in the call; connections
 * of other threads get a copy by mail.  From the other process, after a fork,
 * the payload travels as a message behind the number of the protocol.  Its end
 * of the pair is a connection in a stage of its own here, which like a listener
 * nobody else sees.
 */
#include "stage/fork.h"

#include "base/alloc.h"
#include "base/size.h"
#include "core/context.h"
#include "core/protocol.h"
#include "core/watch.h"

/* messages taken at one go, so that they do not starve connections */
#define BURST 64

/* what is in front of the payload */
#define HEAD sizeof(uint32_t)

/* there instead of the number of a protocol: the context is to be drained */
#define DRAIN UINT32_MAX
#define DRAIN_LEN (2 * sizeof(int32_t))

/* longest message: bytes */
#define LONGEST \
	(HEAD + (MAX_BROADCAST_PAYLOAD > DRAIN_LEN ? MAX_BROADCAST_PAYLOAD \
						    : DRAIN_LEN))

/* where the payload begins, so that there is the room that programs expect */
#define LEAD LWS_SEND_BUFFER_PRE_PADDING

/* ---- to the members ---- */

/* A connection of the server that is open; what it is told is the payload. */
static void
deliver(struct libwebsocket *wsi, void *arg)
{
	const struct lws_span *payload = arg;

	if ((wsi->flags & (LWS_WSI_OPEN | LWS_WSI_CLIENT)) != LWS_WSI_OPEN)
		return;
	if (lws_user(wsi, LWS_CALLBACK_BROADCAST, payload->p, payload->len) <
		    0 &&
	    lws_ws_refused(wsi) < 0)
		lws_wsi_doom(wsi, LWS_ERR_USER);
}

static void
deliver_all(struct lws_loop *loop, unsigned index, struct lws_span payload)
{
	if (!loop->destroying)
		lws_protocol_visit(loop, index, deliver, &payload);
}

/* ---- to the members of other threads ---- */

struct letter {
	struct lws_mail mail;
	unsigned index;
	size_t len;
	uint8_t bytes[];	/* with room around the payload */
};

static void
open_letter(struct lws_loop *loop, struct lws_mail *mail)
{
	struct letter *l = lws_container_of(mail, struct letter, mail);

	deliver_all(loop, l->index, lws_span(l->bytes + LEAD, l->len));
	lws_free(l);
}

static void
drop_letter(struct lws_mail *mail)
{
	lws_free(lws_container_of(mail, struct letter, mail));
}

static int
send_to_thread(struct lws_loop *loop, unsigned index, struct lws_span payload)
{
	struct letter *l;
	size_t size;

	if (!lws_add_ok(payload.len,
			sizeof(*l) + LEAD + LWS_SEND_BUFFER_POST_PADDING,
			&size))
		return -1;
	l = lws_alloc(size);
	if (!l) {
		lwsl_err("broadcast: out of memory: a thread is left out\n");
		return -1;
	}
	l->mail.deliver = open_letter;
	l->mail.drop = drop_letter;
	l->index = index;
	l->len = payload.len;
	if (payload.len)
		memcpy(l->bytes + LEAD, payload.p, payload.len);
	lws_mailbox_send(loop, &l->mail);
	return 0;
}

static int
to_loop(struct lws_loop *loop, unsigned index, struct lws_span payload)
{
	if (lws_loop_other_thread(loop))
		return send_to_thread(loop, index, payload);
	deliver_all(loop, index, payload);
	lws_loop_settle(loop);
	return 0;
}

/* ---- to the other process ---- */

static int
send_to_child(const struct lws_kin *kin, uint32_t index,
	      struct lws_span payload)
{
	const struct lws_span v[2] = { lws_span(&index, HEAD), payload };
	int rc;

	if (payload.len > MAX_BROADCAST_PAYLOAD) {
		lwsl_err("broadcast: %zu bytes, but MAX_BROADCAST_PAYLOAD is "
			 "%ld: rebuild with more\n",
			 payload.len, (long)MAX_BROADCAST_PAYLOAD);
		return -1;
	}
	if (!payload.len)
		return 0;
	rc = lws_fork_send(kin, v, 2);
	if (rc >= 0)
		return (int)payload.len;
	lwsl_err("broadcast: the process that serves %s\n",
		 rc == LWS_ERR_TIMEOUT ? "is stuck" : "does not take it");
	return -1;
}

void
lws_broadcast_drain(const struct lws_kin *kin, int status, int timeout_ms)
{
	const int32_t how[2] = { status, timeout_ms };
	const uint32_t index = DRAIN;
	const struct lws_span v[2] = { lws_span(&index, HEAD),
				       lws_span(how, sizeof(how)) };

	lws_fork_send(kin, v, 2);
}

LWS_VISIBLE int
libwebsockets_broadcast(const struct libwebsocket_protocols *protocol,
			unsigned char *buf, size_t len)
{
	struct libwebsocket_context *context = protocol->owning_server;
	const unsigned index = (unsigned)protocol->protocol_index;
	const struct lws_span payload = lws_span(buf, len);
	unsigned n;
	int rc = 0;

	if (!context)
		return -1;
	if (context->kin && !context->kin->child)
		return send_to_child(context->kin, index, payload);
	for (n = 0; n < context->count_loops; n++)
		rc |= to_loop(&context->loops[n], index, payload);
	return rc;
}

/* ---- from the other process ---- */

/* One message that lies in front of LEAD. */
static void
take(struct libwebsocket *wsi, uint8_t *mem, size_t len)
{
	uint32_t index;
	int32_t how[2];

	memcpy(&index, mem + LEAD - HEAD, HEAD);
	if (index == DRAIN && len == HEAD + DRAIN_LEN) {
		memcpy(how, mem + LEAD, sizeof(how));
		lws_drain(lws_context_of(wsi), how[0], how[1]);
	}
	if (index < lws_context_of(wsi)->count_protocols)
		deliver_all(wsi->loop, index,
			    lws_span(mem + LEAD, len - HEAD));
}

static int
kin_ready(struct libwebsocket *wsi, short revents)
{
	uint8_t *mem = wsi->user_space;
	ssize_t len;
	int n;

	(void)revents;
	for (n = 0; n < BURST && !(wsi->flags & LWS_WSI_STOPPED); n++) {
		len = lws_plat_recv(wsi->stream.fd, mem + LEAD - HEAD,
				    LONGEST);
		if (len == LWS_ERR_AGAIN)
			return 0;
		if (len > (ssize_t)HEAD) {
			take(wsi, mem, (size_t)len);
			continue;
		}
		/* the other end is closed: so is that process */
		lws_context_of(wsi)->kin->over = true;
		wsi->flags |= LWS_WSI_STOPPED;
		lws_watch_refresh(wsi);
	}
	return 0;
}

/* Where the system does not tell, ask once a second. */
static int
kin_expired(struct libwebsocket *wsi, unsigned reason)
{
	struct lws_kin *kin = lws_context_of(wsi)->kin;

	kin->over |= lws_fork_orphaned(kin);
	libwebsocket_set_timeout(wsi, (enum pending_timeout)reason, 1);
	return 0;
}

static const struct lws_stage_ops kin_stage = {
	.ready = kin_ready,
	.expired = kin_expired,
};

int
lws_broadcast_listen(struct libwebsocket_context *context)
{
	struct libwebsocket *wsi =
		lws_server_own(context->loops, context->kin->fd, &kin_stage);

	if (!wsi)
		return LWS_ERR_NOMEM;
	wsi->flags |= LWS_WSI_OWN_SPACE;
	wsi->user_space = lws_alloc(LEAD + LONGEST +
				    LWS_SEND_BUFFER_POST_PADDING);
	if (!wsi->user_space)
		return LWS_ERR_NOMEM;
	if (context->kin->polled)
		libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_PING, 1);
	return lws_watch_open(wsi);
}
