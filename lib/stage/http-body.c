/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/http-body.c - deliver a request body.
 *
 * By length or chunked (RFC 9112 sections 6 and 7).  A body that came with a
 * method whose callbacks take none is thrown away, and the request delivered
 * when it is gone.
 */
#include "stage/stages.h"

#include "base/size.h"
#include "core/context.h"
#include "core/user.h"

static size_t
piece_size(const struct libwebsocket *wsi)
{
	size_t size = lws_context_of(wsi)->protocols[0].rx_buffer_size;

	return size ? size : MAX_USER_RX_BUFFER;
}

static int
complete(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;

	http->has_body = false;
	if (http->quiet) {
		http->quiet = false;
		return lws_http_deliver(wsi);
	}
	wsi->stage = &lws_stage_answer;
	if (lws_user_first(wsi, LWS_CALLBACK_HTTP_BODY_COMPLETION, NULL, 0))
		return LWS_ERR_USER;
	return lws_http_after(wsi);
}

/* 1: *@piece is body; 0: more input is needed; 2: the body is complete */
static int
next_piece(struct lws_http *http, struct lws_span *in, size_t size,
	   struct lws_span *piece)
{
	struct lws_span part;
	int rc;

	if (http->is_chunked) {
		part = lws_span(in->p, lws_min(in->len, size));
		rc = lws_chunked_next(&http->chunked, &part, piece);
		lws_span_skip(in, (size_t)(part.p - in->p));
		return rc;
	}
	if (http->body_left < size)
		size = (size_t)http->body_left;
	*piece = lws_span_take(in, size);
	http->body_left -= piece->len;
	return 1;
}

static int
take_piece(struct libwebsocket *wsi, struct lws_span piece)
{
	struct lws_http *http = &wsi->u.http;

	if (!http->quiet) {
		libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT,
					 AWAITING_TIMEOUT);
		return lws_user_rx(wsi, LWS_CALLBACK_HTTP_BODY, piece.p,
				   piece.len)
			       ? LWS_ERR_USER
			       : 0;
	}
	if (!http->is_chunked)
		return 0;
	http->body_left += piece.len;
	if (http->body_left > LWS_HTTP_QUIET_MAX)
		return lws_http_refuse(wsi, HTTP_STATUS_REQ_ENTITY_TOO_LARGE,
				       NULL);
	return 0;
}

static int
body_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_http *http = &wsi->u.http;
	struct lws_span piece;
	int rc;

	rc = next_piece(http, in, piece_size(wsi), &piece);
	if (rc < 0)
		return lws_http_refuse(wsi, HTTP_STATUS_BAD_REQUEST, NULL);
	if (rc == 2)
		return complete(wsi);
	if (rc == 0)
		return 0;
	rc = take_piece(wsi, piece);
	if (rc < 0 || http->is_chunked || http->body_left ||
	    wsi->stage != &lws_stage_body)
		return rc;
	return complete(wsi);
}

static int
body_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)reason;
	if (wsi->u.http.answered)
		return LWS_ERR_TIMEOUT;
	return lws_http_refuse(wsi, HTTP_STATUS_REQUEST_TIMEOUT, NULL);
}

const struct lws_stage_ops lws_stage_body = {
	.rx = body_rx,
	.writable = lws_http_writable,
	.expired = body_expired,
	.over = lws_http_over,
	.leave = lws_http_leave,
};
