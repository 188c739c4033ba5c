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

/*
 * Visit each member once, also when visits end, add or rebind members: those
 * to be visited wait in a list of their own and go back as their turn comes.
 */
static void
for_each(struct lws_loop *loop, unsigned index,
	 void (*visit)(struct libwebsocket *wsi, int arg), int arg)
{
	struct lws_list waiting, *item;

	lws_list_init(&waiting);
	lws_list_move(&loop->members[index], &waiting);
	while ((item = lws_list_pop(&waiting))) {
		lws_list_add(&loop->members[index], item);
		visit(lws_container_of(item, struct libwebsocket, peers), arg);
	}
}

static void
ask(struct libwebsocket *wsi, int arg)
{
	(void)arg;
	libwebsocket_callback_on_writable(lws_context_of(wsi), wsi);
}

static void
call_back(struct libwebsocket *wsi, int reason)
{
	lws_user(wsi, (enum libwebsocket_callback_reasons)reason, NULL, 0);
	/* what it returned means nothing, that it asked to end does */
	if (wsi->flags & LWS_WSI_END_ASKED)
		lws_wsi_doom(wsi, LWS_ERR_USER);
}

static void
let_flow(struct libwebsocket *wsi, int arg)
{
	libwebsocket_rx_flow_control(wsi, arg);
}

void
lws_protocol_ask(struct lws_loop *loop, unsigned index)
{
	for_each(loop, index, ask, 0);
}

LWS_VISIBLE int
libwebsocket_callback_on_writable_all_protocol(
	const struct libwebsocket_protocols *protocol)
{
	struct lws_loop *loop = loop_of(protocol);

	if (loop->destroying)
		return 0;
	if (lws_loop_other_thread(loop))
		lws_mailbox_post(
			loop, lws_mail_bit((unsigned)protocol->protocol_index));
	else
		lws_protocol_ask(loop, (unsigned)protocol->protocol_index);
	return 0;
}

LWS_VISIBLE int
libwebsocket_callback_all_protocol(
	const struct libwebsocket_protocols *protocol, int reason)
{
	struct lws_loop *loop = loop_of(protocol);

	for_each(loop, (unsigned)protocol->protocol_index, call_back, reason);
	lws_loop_settle(loop);
	return 0;
}

LWS_VISIBLE void
libwebsocket_rx_flow_allow_all_protocol(
	const struct libwebsocket_protocols *protocol)
{
	for_each(loop_of(protocol), (unsigned)protocol->protocol_index,
		 let_flow, 1);
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
