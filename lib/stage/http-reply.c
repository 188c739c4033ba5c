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

/* what stands around the text of a small page */
#define PAGE_BEGIN "<html><body><h1>%u</h1>"
#define PAGE_END   "</body></html>"

/* the same with the three digits of a status: bytes */
#define PAGE_FRAME (sizeof(PAGE_BEGIN PAGE_END) - sizeof("%u") + 3)

bool
lws_http_head(const struct libwebsocket *wsi, struct lws_buf *out,
	      unsigned code, const char *type, uint64_t length)
{
	const struct lws_http *http = &wsi->u.http;

	lws_reply_status(out, http->minor, code);
	lws_reply_field(out, "Server", "libwebsockets");
	if (!http->keep_alive || !http->minor)
		lws_reply_field(out, "Connection",
				http->keep_alive ? "keep-alive" : "close");
	if (code < 200 || code == HTTP_STATUS_NO_CONTENT || code == 304)
		return false;
	lws_reply_field(out, "Content-Type", type);
	lws_reply_number(out, "Content-Length", length);
	return http->method != LWS_HTTP_HEAD;
}

static int
send_status(struct libwebsocket *wsi, unsigned code, const char *html,
	    const char *fields)
{
	const struct lws_span text = lws_span_str(html);
	char head[512];
	struct lws_buf out;
	bool page;
	int rc;

	lws_buf_init(&out, head, sizeof(head));
	page = lws_http_head(wsi, &out, code, "text/html",
			     PAGE_FRAME + text.len);
	if (fields)
		lws_buf_puts(&out, fields);
	lws_reply_end(&out);
	if (page)
		lws_buf_printf(&out, PAGE_BEGIN, code);
	wsi->u.http.answered = true;
	if (!lws_buf_ok(&out))
		return LWS_ERR_LIMIT;
	rc = lws_tx_add(wsi, lws_buf_written(&out));
	if (rc >= 0 && page)
		rc = lws_tx_add(wsi, text);
	if (rc >= 0 && page)
		rc = lws_tx_add(wsi, lws_span_str(PAGE_END));
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

/* @name has its colon, and is NULL where the value is all of the line. */
static int
put_line(unsigned char **p, unsigned char *end, const unsigned char *name,
	 const unsigned char *value, int length)
{
	struct lws_buf out;

	if (length < 0)
		return 1;
	open_at(&out, p, end);
	if (name) {
		lws_buf_puts(&out, (const char *)name);
		lws_buf_puts(&out, " ");
	}
	lws_buf_put(&out, value, (size_t)length);
	lws_reply_end(&out);
	return put(&out, p);
}

LWS_VISIBLE int
lws_add_http_header_by_name(struct libwebsocket_context *context,
			    struct libwebsocket *wsi, const unsigned char *name,
			    const unsigned char *value, int length,
			    unsigned char **p, unsigned char *end)
{
	(void)context;
	(void)wsi;
	return put_line(p, end, name, value, length);
}

LWS_VISIBLE int
lws_add_http_header_by_token(struct libwebsocket_context *context,
			     struct libwebsocket *wsi,
			     enum lws_token_indexes token,
			     const unsigned char *value, int length,
			     unsigned char **p, unsigned char *end)
{
	const unsigned char *name = lws_token_to_string(token);

	(void)context;
	(void)wsi;
	return name ? put_line(p, end, name, value, length) : 1;
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
	(void)context;
	(void)wsi;
	return put_line(p, end, NULL, NULL, 0);
}

int
lws_http_hold(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	(void)in;
	return 0;
}

const struct lws_stage_ops lws_stage_answer = {
	.rx = lws_http_hold,
	.eof = lws_http_eof,
	.writable = lws_http_writable,
	.over = lws_http_over,
	.leave = lws_http_leave,
};
