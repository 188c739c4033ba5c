/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/upgrade-body.c - the bytes behind the head of a request for version 76.
 *
 * No field announces them.  They may come with the head or after it, one by
 * one; what follows them is frames.  They are kept as a value of the header
 * block, where the application finds them as WSI_TOKEN_CHALLENGE.
 */
#include "stage/stages.h"

#include "core/context.h"

/* most that any version has */
#define BODY_MAX 16

/* The time is that of the request, but for one on a kept connection. */
int
lws_upgrade_body(struct libwebsocket *wsi, uint8_t need)
{
	if (wsi->u.http.served)
		libwebsocket_set_timeout(wsi,
					 PENDING_TIMEOUT_ESTABLISH_WITH_SERVER,
					 AWAITING_TIMEOUT);
	wsi->u.http.body_left = need;
	wsi->stage = &lws_stage_upgrade_body;
	return 0;
}

static int
body_rx(struct libwebsocket *wsi, struct lws_span *in)
{
	struct lws_http *http = &wsi->u.http;
	struct lws_span had =
		lws_block_nth(http->block, WSI_TOKEN_CHALLENGE, 0);
	uint8_t body[BODY_MAX];
	struct lws_span got;
	int rc;

	if (had.len + http->body_left > sizeof(body))
		return LWS_ERR_PROTOCOL;
	got = lws_span_take(in, (size_t)http->body_left);
	if (had.len)
		memcpy(body, had.p, had.len);
	memcpy(body + had.len, got.p, got.len);
	rc = lws_block_set(http->block, WSI_TOKEN_CHALLENGE,
			   lws_span(body, had.len + got.len));
	if (rc < 0)
		return rc;
	http->body_left -= got.len;
	if (http->body_left)
		return 0;
	wsi->stage = &lws_stage_request;
	return lws_upgrade_whole(wsi);
}

static int
body_expired(struct libwebsocket *wsi, unsigned reason)
{
	(void)reason;
	lwsl_info("request not complete in time\n");
	return lws_http_refuse(wsi, HTTP_STATUS_REQUEST_TIMEOUT, NULL);
}

const struct lws_stage_ops lws_stage_upgrade_body = {
	.rx = body_rx,
	.expired = body_expired,
	.over = lws_http_over,
	.leave = lws_http_leave,
};
