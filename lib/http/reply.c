/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/reply.c - writing heads.
 *
 * Nothing is checked on the way: the buffer remembers whether all of it did
 * fit.  RFC 9112 section 4 and 5, phrases from RFC 9110 section 15 and 6585.
 */
#include "http/http.h"

#include <inttypes.h>

static const struct {
	unsigned code;
	const char *phrase;
} reasons[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 203, "Non-Authoritative Information" },
	{ 204, "No Content" },
	{ 205, "Reset Content" },
	{ 206, "Partial Content" },
	{ 300, "Multiple Choices" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 305, "Use Proxy" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 402, "Payment Required" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 426, "Upgrade Required" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 511, "Network Authentication Required" },
};

const char *
lws_http_reason(unsigned code)
{
	size_t n;

	for (n = 0; n < sizeof(reasons) / sizeof(reasons[0]); n++)
		if (reasons[n].code == code)
			return reasons[n].phrase;
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
	lws_buf_puts(out, name);
	lws_buf_puts(out, ": ");
	lws_buf_puts(out, value);
	lws_buf_puts(out, "\r\n");
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
