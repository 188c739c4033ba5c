/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/http-reply.c - answers by hand, and the stage in which they are made.
 *
 * The application builds a head with lws_add_http_header_*() in its own memory
 * and writes it; or has a whole small response made here.
 */
#include "stage/stages.h"

#include "base/buf.h"
#include "core/context.h"

static size_t
body_text(char *out, size_t len, unsigned code, const char *html)
{
	struct lws_buf b;

	lws_buf_init(&b, out, len);
	lws_buf_printf(&b, "<html><body><h1>%u</h1>%s</body></html>", code,
		       html);
	return b.len;
}

/* "<html><body><h1>404</h1>...</body></html>" around the application's text */
#define FRAME_TEXT 64

static bool
bodiless(unsigned code)
{
	return code < 200 || code == HTTP_STATUS_NO_CONTENT || code == 304;
}

static void
put_head(struct libwebsocket *wsi, struct lws_buf *out, unsigned code,
	 size_t body)
{
	const struct lws_http *http = &wsi->u.http;

	lws_reply_status(out, http->minor, code);
	lws_reply_field(out, "Server", "libwebsockets");
	if (!bodiless(code)) {
		lws_reply_field(out, "Content-Type", "text/html");
		lws_reply_number(out, "Content-Length", body);
	}
	if (!http->keep_alive)
		lws_reply_field(out, "Connection", "close");
	else if (!http->minor)
		lws_reply_field(out, "Connection", "keep-alive");
}

static int
send_status(struct libwebsocket *wsi, unsigned code, const char *html,
	    const char *fields)
{
	char head[512], before[FRAME_TEXT];
	static const char after[] = "</body></html>";
	struct lws_span text = lws_span_str(html);
	struct lws_buf out;
	size_t opening;
	int rc;

	opening = body_text(before, sizeof(before), code, "") -
		  (sizeof(after) - 1);
	lws_buf_init(&out, head, sizeof(head));
	put_head(wsi, &out, code, opening + text.len + sizeof(after) - 1);
	if (fields)
		lws_buf_puts(&out, fields);
	lws_reply_end(&out);
	wsi->u.http.answered = true;
	if (!lws_buf_ok(&out))
		return LWS_ERR_LIMIT;
	rc = lws_tx_add(wsi, lws_buf_written(&out));
	if (rc < 0 || bodiless(code) || wsi->u.http.method == LWS_HTTP_HEAD)
		return rc;
	rc = lws_tx_add(wsi, lws_span(before, opening));
	if (rc >= 0)
		rc = lws_tx_add(wsi, text);
	if (rc >= 0)
		rc = lws_tx_add(wsi, lws_span(after, sizeof(after) - 1));
	return rc;
}

LWS_VISIBLE int
libwebsockets_return_http_status(struct libwebsocket_context *context,
				 struct libwebsocket *wsi, unsigned int code,
				 const char *html_body)
{
	(void)context;
	if (!lws_http_stage(wsi) || code < 100 || code > 999)
		return 1;
	return send_status(wsi, code, html_body ? html_body : "", NULL) < 0;
}

int
lws_http_refuse(struct libwebsocket *wsi, unsigned status, const char *fields)
{
	lwsl_info("request refused: %u %s\n", status, lws_http_reason(status));
	wsi->u.http.keep_alive = false;
	wsi->u.http.method = LWS_HTTP_GET;
	if (send_status(wsi, status, lws_http_reason(status), fields) < 0)
		return LWS_ERR_IO;
	return LWS_ERR_PROTOCOL;
}

LWS_VISIBLE int
lws_http_transaction_completed(struct libwebsocket *wsi)
{
	const struct lws_http *http = &wsi->u.http;

	if (!lws_http_stage(wsi) || wsi->flags & LWS_WSI_DOOMED)
		return 1;
	if (wsi->stage == &lws_stage_request)
		return 0;
	if (!http->keep_alive || http->has_body ||
	    wsi->flags & LWS_WSI_PEER_EOF)
		return 1;
	wsi->u.http.answered = true;
	lws_http_next(wsi);
	return 0;
}

/* The builders write at *@p and never pass @end. */
static int
put(const struct lws_buf *out, unsigned char **p)
{
	*p += out->len;
	return !lws_buf_ok(out);
}

static void
open_at(struct lws_buf *out, unsigned char **p, unsigned char *end)
{
	lws_buf_init(out, *p, end > *p ? (size_t)(end - *p) : 0);
}

LWS_VISIBLE int
lws_add_http_header_by_name(struct libwebsocket_context *context,
			    struct libwebsocket *wsi, const unsigned char *name,
			    const unsigned char *value, int length,
			    unsigned char **p, unsigned char *end)
{
	struct lws_buf out;

	(void)context;
	(void)wsi;
	if (length < 0)
		return 1;
	open_at(&out, p, end);
	if (name) {
		lws_buf_puts(&out, (const char *)name);
		lws_buf_puts(&out, " ");
	}
	lws_buf_put(&out, value, (size_t)length);
	lws_buf_puts(&out, "\r\n");
	return put(&out, p);
}

LWS_VISIBLE int
lws_add_http_header_by_token(struct libwebsocket_context *context,
			     struct libwebsocket *wsi,
			     enum lws_token_indexes token,
			     const unsigned char *value, int length,
			     unsigned char **p, unsigned char *end)
{
	const unsigned char *name = lws_token_to_string(token);

	if (!name)
		return 1;
	return lws_add_http_header_by_name(context, wsi, name, value, length, p,
					   end);
}

LWS_VISIBLE int
lws_add_http_header_status(struct libwebsocket_context *context,
			   struct libwebsocket *wsi, unsigned int code,
			   unsigned char **p, unsigned char *end)
{
	struct lws_buf out;

	(void)context;
	open_at(&out, p, end);
	lws_reply_status(&out, lws_http_stage(wsi) ? wsi->u.http.minor : 1,
			 code);
	return put(&out, p);
}

LWS_VISIBLE int
lws_add_http_header_content_length(struct libwebsocket_context *context,
				   struct libwebsocket *wsi,
				   unsigned long content_length,
				   unsigned char **p, unsigned char *end)
{
	struct lws_buf out;

	(void)context;
	(void)wsi;
	open_at(&out, p, end);
	lws_reply_number(&out, "content-length", content_length);
	return put(&out, p);
}

LWS_VISIBLE int
lws_finalize_http_header(struct libwebsocket_context *context,
			 struct libwebsocket *wsi, unsigned char **p,
			 unsigned char *end)
{
	struct lws_buf out;

	(void)context;
	(void)wsi;
	open_at(&out, p, end);
	lws_reply_end(&out);
	return put(&out, p);
}

int
lws_http_hold(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	(void)in;
	return 0;
}

const struct lws_stage_ops lws_stage_answer = {
	.name = "http-answer",
	.rx = lws_http_hold,
	.eof = lws_http_eof,
	.writable = lws_http_writable,
	.over = lws_http_over,
	.leave = lws_http_leave,
};
