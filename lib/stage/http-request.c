/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/http-request.c - collect and parse a request, ask the user about it.
 *
 * Also what the HTTP stages have in common: which follows which, and when a
 * connection is kept.
 */
#include "stage/stages.h"

#include "base/alloc.h"
#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"

static enum lws_token_indexes
uri_token(const struct libwebsocket *wsi)
{
	return lws_http_uri_token((enum lws_http_method)wsi->u.http.method);
}

/*
 * Replace the raw path by the one an application should see: 0, or the status
 * that refuses it.
 */
static unsigned
normalise(struct libwebsocket *wsi)
{
	const enum lws_token_indexes token = uri_token(wsi);
	struct lws_span raw = lws_block_nth(wsi->u.block, token, 0);
	char *path = lws_alloc(raw.len + 2);
	unsigned status = HTTP_STATUS_SERVICE_UNAVAILABLE;
	int n;

	if (!path)
		return status;
	n = lws_uri_normalise(raw, path, raw.len + 2);
	if (n <= 0)
		status = HTTP_STATUS_BAD_REQUEST;
	else if (!lws_block_set(wsi->u.block, token,
				lws_span(path, (size_t)n)))
		status = 0;
	lws_free(path);
	return status;
}

/* What callbacks get as URI; give it to lws_free(). */
static char *
uri_text(const struct libwebsocket *wsi, size_t *len)
{
	const struct lws_block *b = wsi->u.block;
	const enum lws_token_indexes token = uri_token(wsi);
	size_t args = lws_block_length(b, WSI_TOKEN_HTTP_URI_ARGS);
	size_t size = lws_block_length(b, token) + args + 2, n;
	char *text = lws_alloc(size);

	if (!text)
		return NULL;
	n = (size_t)lws_block_copy(b, token, text, size);
	if (args && lws_context_of(wsi)->notice->uri_with_query) {
		text[n++] = '?';
		n += (size_t)lws_block_copy(b, WSI_TOKEN_HTTP_URI_ARGS,
					    text + n, args + 1);
	}
	*len = n;
	return text;
}

/* Do the callbacks get a body with this method, even an empty one? */
static bool
takes_body(const struct lws_http *http)
{
	return http->method == LWS_HTTP_POST || http->method == LWS_HTTP_PUT ||
	       http->method == LWS_HTTP_PATCH;
}

static int
ask_user(struct libwebsocket *wsi, char *uri, size_t len)
{
	wsi->flags |= LWS_WSI_HTTP_TOLD;
	if (lws_user_first(wsi, LWS_CALLBACK_FILTER_HTTP_CONNECTION, uri, len))
		return LWS_ERR_USER;
	wsi->stage = &lws_stage_answer;
	if (lws_user_first(wsi, LWS_CALLBACK_HTTP, uri, len))
		return LWS_ERR_USER;
	return 0;
}

static int
begin_body(struct libwebsocket *wsi)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct lws_http *http = &wsi->u.http;

	wsi->stage = &lws_stage_body;
	if (!http->expect || http->answered)
		return 0;
	return lws_tx_add(wsi, lws_span(go_on, sizeof(go_on) - 1));
}

int
lws_http_deliver(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;
	size_t len;
	char *uri;
	int rc;

	uri = uri_text(wsi, &len);
	if (!uri || lws_wsi_make_space(wsi) < 0) {
		lws_free(uri);
		return LWS_ERR_NOMEM;
	}
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT,
				 AWAITING_TIMEOUT);
	rc = ask_user(wsi, uri, len);
	lws_free(uri);
	if (rc < 0)
		return rc;
	if (wsi->stage != &lws_stage_answer)
		return 0;
	lws_wsi_drop_headers(wsi);
	if (http->has_body)
		return begin_body(wsi);
	if (takes_body(http) &&
	    lws_user_first(wsi, LWS_CALLBACK_HTTP_BODY_COMPLETION, NULL, 0))
		return LWS_ERR_USER;
	return lws_http_after(wsi);
}

int
lws_http_after(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;

	if (wsi->stage != &lws_stage_answer || wsi->flags & LWS_WSI_ASKED ||
	    !lws_context_of(wsi)->notice->transactions)
		return 0;
	http->tail_only = wsi->flags & LWS_WSI_REFUSED;
	if (http->tail_only)
		return 0;
	if (http->keep_alive && !(wsi->flags & LWS_WSI_PEER_EOF)) {
		lws_http_next(wsi);
		return 0;
	}
	/* unanswered: the answer may still be triggered from elsewhere */
	return http->answered ? LWS_ERR_CLOSED : 0;
}

void
lws_http_next(struct libwebsocket *wsi)
{
	bool answered = wsi->u.http.answered;

	lws_wsi_drop_headers(wsi);
	lws_wsi_enter(wsi, &lws_stage_request);
	wsi->u.http.file = -1;
	wsi->u.http.served = true;
	if (answered)
		libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT,
					 LWS_KEEPALIVE_TIMEOUT);
	lws_rx_resume(wsi);
}

/* May a request go on that asks for no WebSocket?  0, or what refuses it. */
static unsigned
check_plain(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;
	unsigned status;

	if (http->method == LWS_HTTP_OTHER)
		return HTTP_STATUS_NOT_IMPLEMENTED;
	status = normalise(wsi);
	if (status)
		return status;
	/* nobody is told of this body: it is thrown away before the answer */
	http->quiet = http->has_body && !takes_body(http);
	if (http->quiet && !http->is_chunked &&
	    http->body_left > LWS_HTTP_QUIET_MAX)
		return HTTP_STATUS_REQ_ENTITY_TOO_LARGE;
	return 0;
}

static int
head_complete(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;
	struct lws_http_head head;
	unsigned status;
	int cut;

	status = (unsigned)lws_http_parse_request(
		wsi->u.block, &head, lws_context_of(wsi)->token_limits, &cut);
	if (cut >= 0)
		lwsl_warn("header %s cut to its token limit\n",
			  lws_token_to_string((enum lws_token_indexes)cut));
	http->minor = head.minor;
	http->method = (uint8_t)head.method;
	/* as numbers: no jumps, and each is looked at anyway */
	http->keep_alive = (int)head.keep_alive &
			   (int)lws_context_of(wsi)->notice->transactions &
			   (int)!lws_draining(lws_context_of(wsi));
	http->is_chunked = head.chunked;
	http->has_body = head.chunked | (head.content_length > 0);
	http->body_left = head.content_length;
	http->expect = head.expect_continue;
	lws_chunked_init(&http->chunked);
	if (!status && head.upgrade_websocket)
		return lws_upgrade(wsi, &head);
	if (!status)
		status = check_plain(wsi);
	if (status)
		return lws_http_refuse(wsi, status, NULL);
	return http->quiet ? begin_body(wsi) : lws_http_deliver(wsi);
}

/* A method or an empty line: a TLS hello is neither, and need not wait. */
static bool
could_begin(uint8_t c)
{
	return c == '\r' || c == '\n' || (c > ' ' && c < 0x7f);
}

static int
request_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	bool first;
	int rc;

	/* answers to a peer that reads none must not pile up: later */
	if (wsi->flags & LWS_WSI_REFUSED && !lws_wsi_headers(wsi))
		return 0;
	if (!lws_wsi_need_headers(wsi))
		return LWS_ERR_NOMEM;
	first = lws_block_empty(wsi->u.block);
	if (first && !could_begin(in->p[0]))
		return lws_http_refuse(wsi, HTTP_STATUS_BAD_REQUEST, NULL);
	rc = lws_block_collect(wsi->u.block, in);
	if (rc == LWS_ERR_LIMIT)
		return lws_http_refuse(
			wsi,
			lws_block_first_line_too_long(wsi->u.block)
				? HTTP_STATUS_REQ_URI_TOO_LONG
				: 431,
			NULL);
	if (rc == 0 && first && wsi->u.http.served)
		libwebsocket_set_timeout(wsi,
					 PENDING_TIMEOUT_ESTABLISH_WITH_SERVER,
					 AWAITING_TIMEOUT);
	return rc > 0 ? head_complete(wsi) : rc;
}

/* The answers so far are out: a request that was held back for them comes. */
static int
request_writable(struct libwebsocket *wsi)
{
	int rc = lws_http_writable(wsi);

	if (rc >= 0)
		lws_rx_resume(wsi);
	return rc;
}

/* Who has begun a request and not ended it is told; who is idle just goes. */
static int
request_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)reason;
	if (!lws_wsi_headers(wsi) || lws_block_empty(wsi->u.block))
		return LWS_ERR_TIMEOUT;
	lwsl_info("request not complete in time\n");
	return lws_http_refuse(wsi, HTTP_STATUS_REQUEST_TIMEOUT, NULL);
}

void
lws_http_over(struct libwebsocket *wsi, int rc)
{
	if (rc != LWS_ERR_IO)
		wsi->flags |= LWS_WSI_LINGER | LWS_WSI_HALF_CLOSE;
	if (rc == LWS_ERR_TIMEOUT || (!wsi->tx.queued && !wsi->u.http.answered))
		wsi->flags &= ~(uint32_t)LWS_WSI_LINGER;
	if (wsi->flags & LWS_WSI_HTTP_TOLD)
		lws_user_first(wsi, LWS_CALLBACK_CLOSED_HTTP, NULL, 0);
}

void
lws_http_leave(struct libwebsocket *wsi)
{
	if (wsi->u.http.file >= 0)
		lws_plat_file_close(wsi->u.http.file);
	wsi->u.http.file = -1;
}

int
lws_http_eof(struct libwebsocket *wsi)
{
	wsi->flags |= LWS_WSI_PEER_EOF;
	wsi->u.http.keep_alive = false;
	lws_watch_refresh(wsi);
	return 0;
}

int
lws_http_writable(struct libwebsocket *wsi)
{
	if (!(wsi->flags & LWS_WSI_HTTP_TOLD))
		return 0;
	if (lws_user_first(wsi, LWS_CALLBACK_HTTP_WRITEABLE, NULL, 0) < 0)
		return LWS_ERR_USER;
	return wsi->stage == &lws_stage_answer && wsi->u.http.tail_only
		       ? lws_http_after(wsi)
		       : 0;
}

bool
lws_http_stage(const struct libwebsocket *wsi)
{
	return wsi->stage == &lws_stage_request ||
	       wsi->stage == &lws_stage_body ||
	       wsi->stage == &lws_stage_answer || wsi->stage == &lws_stage_file;
}

const struct lws_stage_ops lws_stage_request = {
	.rx = request_rx,
	.writable = request_writable,
	.expired = request_expired,
	.over = lws_http_over,
	.leave = lws_http_leave,
};
