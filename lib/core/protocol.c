/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/protocol.c - the members of a protocol.
 *
 * Every connection is in exactly one of these lists of its loop (protocol 0
 * until one is agreed), so they are also the way to visit all of them.
 */
#include "core/protocol.h"

#include "base/compiler.h"
#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "core/wsi.h"
#include "http/http.h"

static struct lws_loop *
loop_of(const struct libwebsocket_protocols *protocol)
{
	return lws_context_loop(protocol->owning_server);
}

/* a place in a list of members, among them */
struct lws_mark {
	struct lws_list at;
	struct lws_mark *outer; /* of visits that go on around this one */
};

static bool
is_mark(const struct lws_loop *loop, const struct lws_list *item)
{
	const struct lws_mark *m;

	for (m = loop->marks; m; m = m->outer)
		if (&m->at == item)
			return true;
	return false;
}

/* Move @m behind the next member before @end; that member, NULL for none. */
static struct lws_list *
advance(const struct lws_loop *loop, struct lws_mark *m,
	const struct lws_mark *end)
{
	struct lws_list *item = m->at.next;

	while (item != &end->at && is_mark(loop, item))
		item = item->next;
	if (item == &end->at)
		return NULL;
	lws_list_del(&m->at);
	lws_list_add(item->next, &m->at);
	return item;
}

/*
 * Marks among the members say how far this has come and where those begin that
 * have come since.
 */
void
lws_protocol_visit(struct lws_loop *loop, unsigned index,
		   void (*visit)(struct libwebsocket *wsi, void *arg),
		   void *arg)
{
	struct lws_mark end = { .outer = loop->marks };
	struct lws_mark here = { .outer = &end };
	struct lws_list *item;

	lws_list_init(&here.at);
	lws_list_init(&end.at);
	lws_list_add(loop->members[index].next, &here.at);
	lws_list_add(&loop->members[index], &end.at);
	loop->marks = &here;
	while ((item = advance(loop, &here, &end)))
		visit(lws_container_of(item, struct libwebsocket, peers), arg);
	loop->marks = end.outer;
	lws_list_del(&here.at);
	lws_list_del(&end.at);
}

struct libwebsocket *
lws_protocol_next(const struct lws_loop *loop, unsigned index,
		  const struct libwebsocket *after)
{
	const struct lws_list *members = &loop->members[index];
	struct lws_list *item = after ? after->peers.next : members->next;

	while (item != members && is_mark(loop, item))
		item = item->next;
	return item == members ? NULL
			       : lws_container_of(item, struct libwebsocket,
						  peers);
}

static void
ask(struct libwebsocket *wsi, void *arg)
{
	(void)arg;
	libwebsocket_callback_on_writable(lws_context_of(wsi), wsi);
}

static void
call_back(struct libwebsocket *wsi, void *arg)
{
	const int *reason = arg;

	if (wsi->flags & LWS_WSI_ATTEMPT)
		return;
	lws_user(wsi, (enum libwebsocket_callback_reasons)*reason, NULL, 0);
	/* what it returned means nothing, that it asked to end does */
	if (wsi->flags & LWS_WSI_END_ASKED)
		lws_wsi_doom(wsi, LWS_ERR_USER);
}

static void
let_flow(struct libwebsocket *wsi, void *arg)
{
	(void)arg;
	libwebsocket_rx_flow_control(wsi, 1);
}

void
lws_protocol_ask(struct lws_loop *loop, unsigned index)
{
	lws_protocol_visit(loop, index, ask, NULL);
}

LWS_VISIBLE int
libwebsocket_callback_on_writable_all_protocol(
	const struct libwebsocket_protocols *protocol)
{
	const struct libwebsocket_context *context = protocol->owning_server;
	const unsigned index = (unsigned)protocol->protocol_index;
	unsigned n;

	for (n = 0; n < context->count_loops; n++) {
		struct lws_loop *loop = &context->loops[n];

		if (loop->destroying)
			continue;
		if (lws_loop_other_thread(loop))
			lws_mailbox_post(loop, lws_mail_bit(index));
		else
			lws_protocol_ask(loop, index);
	}
	return 0;
}

LWS_VISIBLE int
libwebsocket_callback_all_protocol(
	const struct libwebsocket_protocols *protocol, int reason)
{
	struct lws_loop *loop = loop_of(protocol);

	lws_protocol_visit(loop, (unsigned)protocol->protocol_index, call_back,
			   &reason);
	lws_loop_settle(loop);
	return 0;
}

LWS_VISIBLE void
libwebsocket_rx_flow_allow_all_protocol(
	const struct libwebsocket_protocols *protocol)
{
	lws_protocol_visit(loop_of(protocol),
			   (unsigned)protocol->protocol_index, let_flow, NULL);
}

LWS_VISIBLE const struct libwebsocket_protocols *
libwebsockets_get_protocol(struct libwebsocket *wsi)
{
	return wsi->protocol;
}

LWS_VISIBLE int
libwebsocket_get_socket_fd(struct libwebsocket *wsi)
{
	return wsi->stream.fd;
}

/* Names with commas in them are lists: 1.4's test programs register such. */
const struct libwebsocket_protocols *
lws_protocol_find(struct libwebsocket_context *context, struct lws_span name)
{
	struct lws_span rest, member;
	unsigned n;

	for (n = 0; n < context->count_protocols; n++)
		if (context->protocols[n].name &&
		    lws_span_eq(name, context->protocols[n].name))
			return &context->protocols[n];
	for (n = 0; n < context->count_protocols; n++) {
		if (!context->protocols[n].name)
			continue;
		rest = lws_span_str(context->protocols[n].name);
		while (lws_list_next(&rest, &member))
			if (member.len == name.len &&
			    !memcmp(member.p, name.p, name.len))
				return &context->protocols[n];
	}
	return NULL;
}
