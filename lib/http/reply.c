/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/reply.c - writing heads.
 *
 * Nothing is checked on the way: the buffer remembers whether all of it did
 * fit.  RFC 9112 section 4 and 5, phrases from RFC 9110 section 15 and 6585.
 */
#include "http/http.h"

#include <inttypes.h>

/* digits of a status */
#define CODE_LEN 3

/* one behind the other, and an empty one at the end */
static const char reasons[] =
	"100 Continue\0"
	"101 Switching Protocols\0"
	"200 OK\0"
	"201 Created\0"
	"202 Accepted\0"
	"203 Non-Authoritative Information\0"
	"204 No Content\0"
	"205 Reset Content\0"
	"206 Partial Content\0"
	"300 Multiple Choices\0"
	"301 Moved Permanently\0"
	"302 Found\0"
	"303 See Other\0"
	"304 Not Modified\0"
	"305 Use Proxy\0"
	"307 Temporary Redirect\0"
	"308 Permanent Redirect\0"
	"400 Bad Request\0"
	"401 Unauthorized\0"
	"402 Payment Required\0"
	"403 Forbidden\0"
	"404 Not Found\0"
	"405 Method Not Allowed\0"
	"406 Not Acceptable\0"
	"407 Proxy Authentication Required\0"
	"408 Request Timeout\0"
	"409 Conflict\0"
	"410 Gone\0"
	"411 Length Required\0"
	"412 Precondition Failed\0"
	"413 Content Too Large\0"
	"414 URI Too Long\0"
	"415 Unsupported Media Type\0"
	"416 Range Not Satisfiable\0"
	"417 Expectation Failed\0"
	"421 Misdirected Request\0"
	"422 Unprocessable Content\0"
	"426 Upgrade Required\0"
	"428 Precondition Required\0"
	"429 Too Many Requests\0"
	"431 Request Header Fields Too Large\0"
	"500 Internal Server Error\0"
	"501 Not Implemented\0"
	"502 Bad Gateway\0"
	"503 Service Unavailable\0"
	"504 Gateway Timeout\0"
	"505 HTTP Version Not Supported\0"
	"511 Network Authentication Required\0";

const char *
lws_http_reason(unsigned code)
{
	const char *at;
	uint64_t n;

	for (at = reasons; *at; at += strlen(at) + 1)
		if (lws_span_number(lws_span(at, CODE_LEN), &n) && n == code)
			return at + CODE_LEN + 1;
	return "Unknown";
}

void
lws_reply_status(struct lws_buf *out, unsigned minor, unsigned code)
{
	lws_buf_printf(out, "HTTP/1.%u %u %s\r\n", minor ? 1u : 0u, code,
		       lws_http_reason(code));
}

void
lws_reply_field(struct lws_buf *out, const char *name, const char *value)
{
	lws_buf_printf(out, "%s: %s\r\n", name, value);
}

void
lws_reply_number(struct lws_buf *out, const char *name, uint64_t value)
{
	lws_buf_printf(out, "%s: %" PRIu64 "\r\n", name, value);
}

void
lws_reply_end(struct lws_buf *out)
{
	lws_buf_puts(out, "\r\n");
}
