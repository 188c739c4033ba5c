/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-handshake.c - request out, answer checked (RFC 6455 section
 * 4.1).  Behind the heads of version 76 stand a few bytes more.
 */
#include "stage/client.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "core/context.h"
#include "core/protocol.h"
#include "core/user.h"
#include "core/watch.h"

/* room for the fixed lines of a request and those the application adds */
#define FIXED_LINES 1024
#define OWN_LINES   2048

/* The application writes its lines at the position it is given. */
static void
own_lines(struct libwebsocket *wsi, struct lws_buf *out)
{
	char *at = (char *)out->p + out->len;

	if (out->overflow)
		return;
	lws_user_first(wsi, LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER, &at,
		       out->cap - out->len);
	out->len = (size_t)((uint8_t *)at - out->p);
	out->overflow = out->len > out->cap;
}

static void
origin_field(struct libwebsocket *wsi, struct lws_span *origin, char *text,
	     size_t len)
{
	const char *given = wsi->u.client.request->origin;
	struct lws_buf out;

	if (!given)
		return;
	*origin = lws_span_str(given);
	if (strstr(given, "://") || !strcmp(given, "null") ||
	    !lws_context_of(wsi)->notice->origin_prefix)
		return;
	lws_buf_init(&out, text, len);
	lws_buf_puts(&out, "http://");
	lws_buf_puts(&out, given);
	*origin = lws_buf_written(&out);
}

static int
fill_random(struct libwebsocket *wsi, uint8_t random[LWS_HANDSHAKE_RANDOM],
	    size_t need)
{
	size_t n;
	int rc = 0;

	for (n = 0; n < need && rc >= 0; n += 16)
		rc = lws_loop_random(wsi->loop, random + n, 16);
	return rc;
}

/* The request as this version has it. */
static int
put_request(struct libwebsocket *wsi, const struct lws_handshake *hs,
	    struct lws_buf *out)
{
	struct lws_client_request *r = wsi->u.client.request;
	const struct lws_handshake_ops *ops = r->wire->handshake;
	uint8_t random[LWS_HANDSHAKE_RANDOM];

	if (fill_random(wsi, random, ops->random) < 0)
		return LWS_ERR_IO;
	lws_buf_printf(out, "GET %s HTTP/1.1\r\n", r->path);
	lws_reply_field(out, "Pragma", "no-cache");
	lws_reply_field(out, "Cache-Control", "no-cache");
	lws_reply_field(out, "Host", r->host);
	r->key_len = (uint8_t)ops->request(ops, hs, random, r->key, out);
	if (r->protocols)
		lws_reply_field(out, "Sec-WebSocket-Protocol", r->protocols);
	if (r->wire->framer->pings)
		lws_extended_offer(wsi, out);
	if (r->headers)
		lws_buf_puts(out, r->headers);
	own_lines(wsi, out);
	lws_reply_end(out);
	lws_buf_put(out, random, ops->request_body);
	return lws_buf_ok(out) ? 0 : LWS_ERR_LIMIT;
}

/* bytes of the origin as it is sent, at most */
static size_t
origin_room(const struct lws_client_request *r)
{
	return r->origin ? strlen(r->origin) + sizeof("http://") : 1;
}

/* What the request says of where it comes from and goes to. */
static struct lws_handshake
facts(struct libwebsocket *wsi, char *origin)
{
	const struct lws_client_request *r = wsi->u.client.request;
	struct lws_handshake hs = {
		.host = lws_span_str(r->host),
		.target = lws_span_str(r->path),
	};

	origin_field(wsi, &hs.origin, origin, origin_room(r));
	return hs;
}

static int
compose(struct libwebsocket *wsi, struct lws_buf *out)
{
	char *origin = lws_alloc(origin_room(wsi->u.client.request));
	struct lws_handshake hs;
	int rc;

	if (!origin)
		return LWS_ERR_NOMEM;
	hs = facts(wsi, origin);
	rc = put_request(wsi, &hs, out);
	lws_free(origin);
	return rc;
}

int
lws_handshake_begin(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;
	size_t room = strlen(r->path) + strlen(r->host) +
		      (r->origin ? strlen(r->origin) : 0) +
		      (r->protocols ? strlen(r->protocols) : 0) +
		      (r->headers ? strlen(r->headers) : 0) + FIXED_LINES +
		      lws_extended_offer_room(wsi) + OWN_LINES;
	uint8_t *mem = lws_alloc(room);
	struct lws_buf out;
	int rc;

	if (!mem)
		return LWS_ERR_NOMEM;
	wsi->stage = &lws_stage_handshake;
	lws_watch_refresh(wsi);
	lws_buf_init(&out, mem, room);
	rc = compose(wsi, &out);
	if (rc >= 0)
		rc = lws_tx_add(wsi, lws_buf_written(&out));
	lws_free(mem);
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_AWAITING_SERVER_RESPONSE,
				 AWAITING_TIMEOUT);
	return rc;
}

/* Is @name one of the comma list that was offered? */
static bool
offered(const char *list, struct lws_span name)
{
	struct lws_span rest = lws_span_str(list), member;

	while (lws_list_next(&rest, &member))
		if (member.len == name.len &&
		    !memcmp(member.p, name.p, name.len))
			return true;
	return false;
}

/* The protocol the answer agrees on, or NULL with the reason noted. */
static const struct libwebsocket_protocols *
agreed(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;
	const struct libwebsocket_protocols *found;
	const struct lws_block *b = wsi->u.block;
	struct lws_span name = lws_block_nth(b, WSI_TOKEN_PROTOCOL, 0);
	size_t count = lws_block_count(b, WSI_TOKEN_PROTOCOL);

	if (!count && r->protocols && r->wire->handshake->must_agree) {
		lws_client_failed(wsi, LWS_ERR_PROTOCOL,
				  "server chose no subprotocol");
		return NULL;
	}
	if (!count)
		return &lws_context_of(wsi)->protocols[0];
	if (count > 1 || !r->protocols || !offered(r->protocols, name)) {
		lws_client_failed(wsi, LWS_ERR_PROTOCOL,
				  "server chose a subprotocol not offered");
		return NULL;
	}
	found = lws_protocol_find(lws_context_of(wsi), name);
	if (!found)
		lws_client_failed(wsi, LWS_ERR_PROTOCOL,
				  "server chose subprotocol %.*s, which is "
				  "not in the protocols array",
				  (int)name.len, (const char *)name.p);
	return found;
}

/* the value of a field that came once, else nothing */
static struct lws_span
single(const struct lws_block *b, enum lws_token_indexes token)
{
	return lws_block_count(b, token) == 1 ? lws_block_nth(b, token, 0)
					      : lws_span(NULL, 0);
}

/* What every version wants of the head. */
static int
check_head(struct libwebsocket *wsi)
{
	struct lws_http_head head;
	int rc = lws_http_parse_response(wsi->u.block, &head);

	if (rc < 0)
		return lws_client_failed(wsi, rc,
					 "server's answer is not HTTP");
	if (head.status != 101)
		return lws_client_failed(wsi, LWS_ERR_PROTOCOL,
					 "server answered %u", head.status);
	if (!head.upgrade_websocket || !head.connection_upgrade)
		return lws_client_failed(wsi, LWS_ERR_PROTOCOL,
					 "answer lacks Upgrade: websocket or "
					 "Connection: Upgrade");
	return 0;
}

/* What this version wants of the answer. */
static int
check_answer(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;
	const struct lws_block *b = wsi->u.block;
	char *origin = lws_alloc(origin_room(r));
	struct lws_handshake hs;
	const char *why = NULL;
	int rc;

	if (!origin)
		return LWS_ERR_NOMEM;
	hs = facts(wsi, origin);
	hs.key = lws_span(r->key, r->key_len);
	hs.body = lws_span(r->body, r->body_len);
	hs.accept = single(b, WSI_TOKEN_ACCEPT);
	hs.nonce = single(b, WSI_TOKEN_NONCE);
	hs.upgrade = single(b, WSI_TOKEN_UPGRADE);
	hs.location = single(b, WSI_TOKEN_HTTP_LOCATION);
	hs.same_origin = single(b, WSI_TOKEN_ORIGIN);
	rc = r->wire->handshake->confirm(&hs, &why);
	lws_free(origin);
	return rc < 0 ? lws_client_failed(wsi, rc, "%s", why) : 0;
}

/* A subprotocol is agreed on too, and the user does not refuse. */
static int
is_wanted(struct libwebsocket *wsi)
{
	const struct libwebsocket_protocols *protocol = agreed(wsi);

	if (!protocol)
		return LWS_ERR_PROTOCOL;
	lws_wsi_bind(wsi, protocol);
	if (lws_wsi_make_space(wsi) < 0)
		return LWS_ERR_NOMEM;
	if (lws_user(wsi, LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH, NULL, 0))
		return lws_client_failed(wsi, LWS_ERR_USER,
					 "refused by the application");
	return 0;
}

/* Frames from here on, if the rest fits, too; @aside is taken. */
static int
begin(struct libwebsocket *wsi, struct lws_aside *aside)
{
	const struct lws_client_request *r = wsi->u.client.request;
	int rc = is_wanted(wsi);

	if (rc >= 0)
		rc = lws_ws_begin(
			wsi, r->wire, lws_span(r->key, r->key_len),
			lws_block_nth(wsi->u.block, WSI_TOKEN_NONCE, 0));
	if (rc < 0)
		lws_extended_abandon(aside);
	else
		lws_extended_begin(wsi, aside);
	return rc;
}

/* The answer fits so far. */
static int
establish(struct libwebsocket *wsi)
{
	struct lws_aside *aside;
	const char *why = NULL;
	int rc = lws_extended_confirm(wsi, &aside, &why);

	if (rc < 0)
		return lws_client_failed(wsi, rc, "%s", why);
	rc = begin(wsi, aside);
	if (rc < 0)
		return rc;
	lws_wsi_drop_headers(wsi);
	lws_stay_open(wsi);
	if (lws_user(wsi, LWS_CALLBACK_CLIENT_ESTABLISHED, NULL, 0) < 0)
		return LWS_ERR_USER;
	lws_extended_established(wsi);
	return 0;
}

/* 1 when the head is there and good */
static int
collect_head(struct libwebsocket *wsi, struct lws_span *in)
{
	int rc;

	if (!lws_wsi_need_headers(wsi))
		return LWS_ERR_NOMEM;
	rc = lws_block_collect(wsi->u.block, in);
	if (rc == LWS_ERR_LIMIT)
		return lws_client_failed(wsi, rc, "answer's head is too long");
	if (rc <= 0)
		return rc;
	rc = check_head(wsi);
	return rc < 0 ? rc : 1;
}

static int
handshake_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_client_request *r = wsi->u.client.request;
	const size_t need = r->wire->handshake->answer_body;
	struct lws_span got;
	int rc;

	if (!r->head_done) {
		rc = collect_head(wsi, in);
		if (rc <= 0)
			return rc;
		r->head_done = true;
	}
	got = lws_span_take(in, need - r->body_len);
	if (got.len)
		memcpy(r->body + r->body_len, got.p, got.len);
	r->body_len = (uint8_t)(r->body_len + got.len);
	if (r->body_len < need)
		return 0;
	rc = check_answer(wsi);
	return rc < 0 ? rc : establish(wsi);
}

static int
handshake_eof(struct libwebsocket *wsi)
{
	const struct lws_client_request *r = wsi->u.client.request;

	return lws_client_failed(wsi, LWS_ERR_CLOSED,
				 "%s:%d closed without an answer", r->address,
				 r->port);
}

/* The request is out.  That the user asked for WRITEABLE is remembered. */
static int
handshake_writable(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_ASKED;
	return 0;
}

static int
handshake_expired(struct libwebsocket *wsi, unsigned reason)
{
	const struct lws_client_request *r = wsi->u.client.request;

	(void)reason;
	return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
				 "no answer from %s:%d within %d seconds",
				 r->address, r->port, AWAITING_TIMEOUT);
}

const struct lws_stage_ops lws_stage_handshake = {
	.rx = handshake_rx,
	.eof = handshake_eof,
	.writable = handshake_writable,
	.expired = handshake_expired,
	.over = lws_client_over,
	.leave = lws_client_leave,
};
