/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/http-file.c - send a file as the socket allows.
 *
 * Pieces are read straight into the output queue until the pipe is choked;
 * the rest follows as it drains, a bounded amount a turn.
 */
#include "stage/stages.h"

#include "base/buf.h"
#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"

/* most pieces for one connection in one turn */
#define TURN_PIECES (256 * 1024 / LWS_CHUNK_SIZE)

/* One more piece into the queue; LWS_ERR_IO when the file is cut short. */
static int
read_piece(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;
	size_t want = LWS_CHUNK_SIZE;
	uint8_t *to;
	ssize_t n;

	if (http->file_left < want)
		want = (size_t)http->file_left;
	to = lws_tx_reserve(wsi, want);
	if (!to)
		return LWS_ERR_NOMEM;
	n = lws_plat_file_read(http->file, to, want);
	if (n <= 0) {
		lwsl_err("a file shrank while it was sent\n");
		return LWS_ERR_IO;
	}
	lws_tx_commit(wsi, (size_t)n);
	http->file_left -= (uint64_t)n;
	return 0;
}

/* 1: all of it is with the kernel; 0: more when the socket takes it */
static int
pump(struct libwebsocket *wsi)
{
	struct lws_http *http = &wsi->u.http;
	int n, rc = 0;

	for (n = 0; n < TURN_PIECES && rc >= 0 && http->file_left &&
		    !(wsi->flags & LWS_WSI_REFUSED); n++) {
		rc = read_piece(wsi);
		if (rc >= 0 && wsi->tx.queued > LWS_TX_HIGH)
			rc = lws_tx_flush(wsi);
	}
	if (rc >= 0 && !(wsi->flags & LWS_WSI_REFUSED))
		rc = lws_tx_flush(wsi);
	if (rc < 0)
		return rc;
	if (!http->file_left && !wsi->tx.queued)
		return 1;
	libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT,
				 LWS_DRAIN_TIMEOUT);
	lws_watch_ask(wsi);
	return 0;
}

/* The last byte is out; does the application want the connection closed? */
static bool
file_complete(struct libwebsocket *wsi)
{
	lws_http_leave(wsi);
	wsi->stage = &lws_stage_answer;
	return lws_user_first(wsi, LWS_CALLBACK_HTTP_FILE_COMPLETION, NULL, 0);
}

/* The same while the application is still inside the call that began it. */
static int
complete_inside(struct libwebsocket *wsi)
{
	if (file_complete(wsi))
		lws_wsi_fail(wsi);
	return 1;
}

static int
put_head(struct libwebsocket *wsi, const char *content_type, uint64_t size,
	 struct lws_span other)
{
	char head[512];
	struct lws_buf out;
	int rc;

	lws_buf_init(&out, head, sizeof(head));
	lws_http_head(wsi, &out, HTTP_STATUS_OK, content_type, size);
	if (!lws_buf_ok(&out))
		return LWS_ERR_LIMIT;
	rc = lws_tx_add(wsi, lws_buf_written(&out));
	if (rc >= 0)
		rc = lws_tx_add(wsi, other);
	if (rc >= 0)
		rc = lws_tx_add(wsi, lws_span("\r\n", 2));
	return rc;
}

static unsigned
status_for(int rc)
{
	if (rc == LWS_ERR_NOENT)
		return HTTP_STATUS_NOT_FOUND;
	if (rc == LWS_ERR_ACCESS)
		return HTTP_STATUS_FORBIDDEN;
	if (rc == LWS_ERR_NOFD)
		return HTTP_STATUS_SERVICE_UNAVAILABLE;
	return HTTP_STATUS_INTERNAL_SERVER_ERROR;
}

/* 1: sent; 0: it goes on by itself; negative: it failed */
static int
start(struct libwebsocket *wsi, const char *content_type, struct lws_span other)
{
	struct lws_http *http = &wsi->u.http;
	int rc;

	if (http->has_body)
		http->keep_alive = false;
	rc = put_head(wsi, content_type, http->file_left, other);
	if (rc < 0)
		return rc;
	http->answered = true;
	if (http->method == LWS_HTTP_HEAD)
		http->file_left = 0;
	wsi->stage = &lws_stage_file;
	rc = pump(wsi);
	return rc > 0 ? complete_inside(wsi) : rc;
}

/* in parentheses: it is a macro too, which counts its arguments */
LWS_VISIBLE int(libwebsockets_serve_http_file)(
	struct libwebsocket_context *context, struct libwebsocket *wsi,
	const char *file, const char *content_type, const char *other_headers,
	int other_headers_len)
{
	size_t other = other_headers && other_headers_len > 0
			       ? (size_t)other_headers_len
			       : 0;
	int rc;

	if (!lws_http_stage(wsi) || wsi->u.http.file >= 0)
		return -1;
	rc = lws_plat_file_open(file, &wsi->u.http.file_left);
	if (rc < 0) {
		lwsl_info("cannot serve %s: %s\n", file, lws_err_name(rc));
		wsi->u.http.keep_alive = false;
		libwebsockets_return_http_status(context, wsi, status_for(rc),
						 NULL);
		return -1;
	}
	wsi->u.http.file = rc;
	rc = start(wsi, content_type, lws_span(other_headers, other));
	return rc < 0 ? -1 : rc;
}

/* The file goes on; what follows it is as in lws_http_after(). */
static int
file_writable(struct libwebsocket *wsi)
{
	int rc = pump(wsi);

	if (rc <= 0)
		return rc;
	if (file_complete(wsi))
		return LWS_ERR_USER;
	return lws_http_transaction_completed(wsi) ? LWS_ERR_CLOSED : 0;
}

LWS_VISIBLE int
libwebsockets_serve_http_file_fragment(struct libwebsocket_context *context,
				       struct libwebsocket *wsi)
{
	int rc;

	(void)context;
	if (wsi->stage != &lws_stage_file)
		return -1;
	rc = pump(wsi);
	if (rc <= 0)
		return rc < 0 ? -1 : 0;
	return complete_inside(wsi);
}

const struct lws_stage_ops lws_stage_file = {
	.rx = lws_http_hold,
	.eof = lws_http_eof,
	.writable = file_writable,
	.over = lws_http_over,
	.leave = lws_http_leave,
};
