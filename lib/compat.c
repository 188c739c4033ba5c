/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * compat.c - how each era of the interface is told things (docs: the end of
 * libwebsockets.h).
 *
 * One const table an era; a context points at the one it was created for.
 */
#include "core/notice.h"

#include "base/alloc.h"
#include "core/context.h"
#include "core/protocol.h"
#include "core/user.h"
#include "core/wsi.h"

/*
 * Protocol 0 may end the very connection it hears of; the caller is in the
 * midst of work on it, so that waits for the loop.
 */
static int
note(struct libwebsocket_context *context, struct libwebsocket *wsi,
     enum libwebsocket_callback_reasons reason, void *user, struct lws_span in)
{
	callback_function *first = context->protocols[0].callback;
	uint32_t before;
	int rc;

	/* a socket that races for a connection is nobody's yet */
	if (wsi && wsi->flags & LWS_WSI_ATTEMPT)
		wsi = NULL;
	if (!wsi)
		return first(context, NULL, reason, user, in.p, in.len);
	before = wsi->flags;
	wsi->flags |= LWS_WSI_IN_CALLBACK;
	rc = first(context, wsi, reason, user, in.p, in.len);
	if (!(before & LWS_WSI_IN_CALLBACK))
		wsi->flags &= ~(uint32_t)LWS_WSI_IN_CALLBACK;
	if (wsi->flags & ~before & LWS_WSI_END_ASKED &&
	    !(wsi->flags & LWS_WSI_DOOMED))
		lws_wsi_fail(wsi);
	return rc;
}

static void *
space_of(const struct libwebsocket *wsi)
{
	return wsi ? wsi->user_space : NULL;
}

/* ---- 100, 110, 120, 123: the descriptor in user or in, events in len ---- */

static int
hand(struct libwebsocket_context *context, struct libwebsocket *wsi,
     enum libwebsocket_callback_reasons reason, int fd, int events)
{
	void *user = (void *)(intptr_t)fd, *in = NULL;

	if (!context->notice->in_user) {
		in = user;
		user = space_of(wsi);
	}
	return note(context, wsi, reason, user, lws_span(in, (size_t)events));
}

static int
add_100(struct libwebsocket_context *context, struct libwebsocket *wsi, int fd,
	short events)
{
	return hand(context, wsi, LWS_CALLBACK_ADD_POLL_FD, fd, events);
}

static void
del_100(struct libwebsocket_context *context, struct libwebsocket *wsi, int fd)
{
	hand(context, wsi, LWS_CALLBACK_DEL_POLL_FD, fd, 0);
}

static void
change_100(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   short was, short now)
{
	const int gone = was & ~now, come = now & ~was, fd = wsi->stream.fd;

	if (gone)
		hand(context, wsi, LWS_CALLBACK_CLEAR_MODE_POLL_FD, fd, gone);
	if (come)
		hand(context, wsi, LWS_CALLBACK_SET_MODE_POLL_FD, fd, come);
}

/* ---- 130, 140: pollargs, bracketed by the lock ---- */

static int
bracketed(struct libwebsocket_context *context, struct libwebsocket *wsi,
	  enum libwebsocket_callback_reasons reason,
	  struct libwebsocket_pollargs args)
{
	struct lws_span in = lws_span(&args, 0);
	void *user = space_of(wsi);
	int rc;

	note(context, wsi, LWS_CALLBACK_LOCK_POLL, user, in);
	rc = note(context, wsi, reason, user, in);
	note(context, wsi, LWS_CALLBACK_UNLOCK_POLL, user, in);
	return rc;
}

static int
add_130(struct libwebsocket_context *context, struct libwebsocket *wsi, int fd,
	short events)
{
	const struct libwebsocket_pollargs args = { fd, events, 0 };

	return bracketed(context, wsi, LWS_CALLBACK_ADD_POLL_FD, args);
}

static void
del_130(struct libwebsocket_context *context, struct libwebsocket *wsi, int fd)
{
	const struct libwebsocket_pollargs args = { fd, 0, 0 };

	bracketed(context, wsi, LWS_CALLBACK_DEL_POLL_FD, args);
}

static void
change_130(struct libwebsocket_context *context, struct libwebsocket *wsi,
	   short was, short now)
{
	const struct libwebsocket_pollargs args = { wsi->stream.fd, now, was };

	bracketed(context, wsi, LWS_CALLBACK_CHANGE_MODE_POLL_FD, args);
}

/* ---- what FILTER_PROTOCOL_CONNECTION is given ---- */

/* user is an array of all headers, whose texts lie behind it */
static int
filter_100(struct libwebsocket *wsi)
{
	size_t len, size = WSI_TOKEN_COUNT * sizeof(struct lws_tokens);
	const struct lws_block *b = wsi->u.block;
	struct lws_tokens *tokens;
	char *text;
	int rc, n;

	for (n = 0; n < WSI_TOKEN_COUNT; n++)
		size += lws_block_length(b, (enum lws_token_indexes)n) + 1;
	tokens = lws_zalloc(size);
	if (!tokens)
		return -1;
	text = (char *)(tokens + WSI_TOKEN_COUNT);
	for (n = 0; n < WSI_TOKEN_COUNT; n++) {
		len = lws_block_length(b, (enum lws_token_indexes)n);
		if (!len)
			continue;
		lws_block_copy(b, (enum lws_token_indexes)n, text, len + 1);
		tokens[n].token = text;
		tokens[n].token_len = (int)len;
		text += len + 1;
	}
	rc = lws_user_as(wsi, LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION, tokens);
	lws_free(tokens);
	return rc;
}

/* user or in is the text of the subprotocols asked for, NULL without any */
static int
filter_120(struct libwebsocket *wsi)
{
	const enum libwebsocket_callback_reasons reason =
		LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION;
	size_t len = lws_block_length(wsi->u.block, WSI_TOKEN_PROTOCOL);
	char *text = lws_alloc(len + 1), *told = len ? text : NULL;
	int rc;

	if (!text)
		return -1;
	lws_block_copy(wsi->u.block, WSI_TOKEN_PROTOCOL, text, len + 1);
	rc = lws_context_of(wsi)->notice->in_user
		     ? lws_user_as(wsi, reason, told)
		     : lws_user(wsi, reason, told, len);
	lws_free(text);
	return rc;
}

/* ---- who hears of a client that fails early ---- */

static const struct libwebsocket_protocols *
first_protocol(struct libwebsocket_context *context, const char *offered)
{
	(void)offered;
	return &context->protocols[0];
}

static const struct libwebsocket_protocols *
first_offered(struct libwebsocket_context *context, const char *offered)
{
	const struct libwebsocket_protocols *found = NULL;
	struct lws_span rest, name;

	if (offered) {
		rest = lws_span_str(offered);
		if (lws_list_next(&rest, &name))
			found = lws_protocol_find(context, name);
	}
	return found ? found : &context->protocols[0];
}

#define FOR_CLIENTS(f) (LWS_BUILT_CLIENT ? (f) : NULL)

static const struct lws_notice_ops era_100 = {
	.add = add_100,
	.del = del_100,
	.change = change_100,
	.filter_protocol = filter_100,
	.error_target = FOR_CLIENTS(first_offered),
	.uri_with_query = true,
	.in_user = true,
	.resolve_first = true,
};

static const struct lws_notice_ops era_120 = {
	.add = add_100,
	.del = del_100,
	.change = change_100,
	.filter_protocol = filter_120,
	.error_target = FOR_CLIENTS(first_protocol),
	.uri_with_query = true,
	.in_user = true,
	.resolve_first = true,
};

static const struct lws_notice_ops era_123 = {
	.add = add_100,
	.del = del_100,
	.change = change_100,
	.filter_protocol = filter_120,
	.error_target = FOR_CLIENTS(first_protocol),
	.uri_with_query = true,
	.origin_prefix = true,
};

static const struct lws_notice_ops era_130 = {
	.add = add_130,
	.del = del_130,
	.change = change_130,
	.filter_protocol = filter_120,
	.error_target = FOR_CLIENTS(first_protocol),
	.origin_prefix = true,
};

static const struct lws_notice_ops era_140 = {
	.add = add_130,
	.del = del_130,
	.change = change_130,
	.filter_protocol = filter_120,
	.error_target = FOR_CLIENTS(first_protocol),
	.transactions = true,
	.origin_prefix = true,
};

const struct lws_notice_ops *
lws_notice_for(int era)
{
	if (era >= 140)
		return &era_140;
	if (era >= 130)
		return &era_130;
	if (era >= 123)
		return &era_123;
	return era >= 120 ? &era_120 : &era_100;
}
