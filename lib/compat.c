/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * compat.c - how each era of the interface is told things (docs: the end of
 * libwebsockets.h).
 *
 * One row of a table an era; a context points at the one it was created for.
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

/* ---- all of them ---- */

static int
announce(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason,
	 struct libwebsocket_pollargs args)
{
	return context->notice->pollargs
		       ? bracketed(context, wsi, reason, args)
		       : hand(context, wsi, reason, args.fd, args.events);
}

int
lws_notice_add(struct libwebsocket_context *context, struct libwebsocket *wsi,
	       int fd, short events)
{
	const struct libwebsocket_pollargs args = { fd, events, 0 };

	return announce(context, wsi, LWS_CALLBACK_ADD_POLL_FD, args);
}

void
lws_notice_del(struct libwebsocket_context *context, struct libwebsocket *wsi,
	       int fd)
{
	const struct libwebsocket_pollargs args = { fd, 0, 0 };

	announce(context, wsi, LWS_CALLBACK_DEL_POLL_FD, args);
}

void
lws_notice_change(struct libwebsocket *wsi, short was, short now)
{
	const struct libwebsocket_pollargs args = { wsi->stream.fd, now, was };
	struct libwebsocket_context *context = lws_context_of(wsi);
	const int gone = was & ~now, come = now & ~was, fd = wsi->stream.fd;

	if (context->notice->pollargs) {
		bracketed(context, wsi, LWS_CALLBACK_CHANGE_MODE_POLL_FD, args);
		return;
	}
	if (gone)
		hand(context, wsi, LWS_CALLBACK_CLEAR_MODE_POLL_FD, fd, gone);
	if (come)
		hand(context, wsi, LWS_CALLBACK_SET_MODE_POLL_FD, fd, come);
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

int
lws_notice_filter(struct libwebsocket *wsi)
{
	return lws_context_of(wsi)->notice->all_headers ? filter_100(wsi)
							: filter_120(wsi);
}

/* ---- who hears of a client that fails early ---- */

const struct libwebsocket_protocols *
lws_notice_error_target(struct libwebsocket_context *context,
			const char *offered)
{
	const struct libwebsocket_protocols *found = NULL;
	struct lws_span rest, name;

	if (offered && context->notice->offered_first) {
		rest = lws_span_str(offered);
		if (lws_list_next(&rest, &name))
			found = lws_protocol_find(context, name);
	}
	return found ? found : &context->protocols[0];
}

/* newest first */
static const struct lws_era eras[] = {
	{
		.first = 140,
		.pollargs = true,
		.transactions = true,
		.origin_prefix = true,
	},
	{
		.first = 130,
		.pollargs = true,
		.origin_prefix = true,
	},
	{
		.first = 123,
		.uri_with_query = true,
		.origin_prefix = true,
	},
	{
		.first = 120,
		.uri_with_query = true,
		.in_user = true,
		.resolve_first = true,
	},
	{
		.all_headers = true,
		.offered_first = true,
		.uri_with_query = true,
		.in_user = true,
		.resolve_first = true,
	},
};

const struct lws_era *
lws_notice_for(int era)
{
	const struct lws_era *found = eras;

	while (found->first && era < found->first)
		found++;
	return found;
}
