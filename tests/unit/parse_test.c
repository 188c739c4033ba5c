/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/parse.c: what heads say, and which are refused.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/size.h"
#include "http/http.h"

#include "unit/http_feed.h"

/* what follows each head and is not part of it */
#define TAIL "\x81\x85tail\r\n\r\n"

struct row {
	const char *head;
	size_t len;
	int status;		/* 0: accepted */
	const char *says;	/* see describe() */
};

#define OK(text, what)    { text, sizeof(text) - 1, 0, what }
#define NO(text, code)    { text, sizeof(text) - 1, code, "" }
#define GET(fields)       "GET / HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define GET10(fields)     "GET / HTTP/1.0\r\n" fields "\r\n"
#define POST(fields)      "POST /p HTTP/1.1\r\nHost: h\r\n" fields "\r\n"
#define LINE(line)        line "\r\nHost: h\r\n\r\n"

/*
 * describe() writes: target, '?' and arguments; minor; K keep alive; then for
 * what is so, U Connection: upgrade, u an Upgrade field, w websocket in it, C
 * chunked, E a continue expected, =length.
 */
static const struct row requests[] = {
	/* the first line */
	OK(LINE("GET / HTTP/1.1"), "GET / 1K"),
	OK(LINE("HEAD /x HTTP/1.1"), "HEAD /x 1K"),
	OK(LINE("POST /x HTTP/1.1"), "POST /x 1K"),
	OK(LINE("OPTIONS /x HTTP/1.1"), "OPTIONS /x 1K"),
	OK(LINE("OPTIONS * HTTP/1.1"), "OPTIONS * 1K"),
	OK(LINE("PUT /x HTTP/1.1"), "PUT /x 1K"),
	OK(LINE("PATCH /x HTTP/1.1"), "PATCH /x 1K"),
	OK(LINE("DELETE /x HTTP/1.1"), "DELETE /x 1K"),
	OK(LINE("TRACE /x HTTP/1.1"), "other /x 1K"),
	OK(LINE("CONNECT a:443 HTTP/1.1"), "other a:443 1K"),
	OK(LINE("get / HTTP/1.1"), "other / 1K"),
	OK(LINE("GETS / HTTP/1.1"), "other / 1K"),
	OK(LINE("GE / HTTP/1.1"), "other / 1K"),
	OK(LINE("!#$%&'*+-.^_`|~9aZ / HTTP/1.1"), "other / 1K"),
	OK(LINE("GET /a/b.html HTTP/1.1"), "GET /a/b.html 1K"),
	OK(LINE("GET /?a=b&c HTTP/1.1"), "GET /?a=b&c 1K"),
	OK(LINE("GET /? HTTP/1.1"), "GET /? 1K"),
	OK(LINE("GET /a?b?c HTTP/1.1"), "GET /a?b?c 1K"),
	OK(LINE("GET /%2e%2e/a%00 HTTP/1.1"), "GET /%2e%2e/a%00 1K"),
	OK(LINE("GET /a\\b\"<>^`{|} HTTP/1.1"), "GET /a\\b\"<>^`{|} 1K"),
	OK(LINE("GET /\x80\xff HTTP/1.1"), "GET /\x80\xff 1K"),
	OK(LINE("GET // HTTP/1.1"), "GET // 1K"),
	OK(LINE("GET / HTTP/1.2"), "GET / 2K"),
	OK(LINE("GET / HTTP/1.9"), "GET / 9K"),
	OK(LINE("GET / HTTP/1.0"), "GET / 0"),
	NO(LINE(" GET / HTTP/1.1"), 400),
	NO(LINE("\tGET / HTTP/1.1"), 400),
	NO(LINE("GET  / HTTP/1.1"), 400),
	NO(LINE("GET /  HTTP/1.1"), 400),
	NO(LINE("GET / HTTP/1.1 "), 400),
	NO(LINE("GET / HTTP/1.1\t"), 400),
	NO(LINE("GET\t/\tHTTP/1.1"), 400),
	NO(LINE("GET / HTTP/1.1\r"), 400),
	NO(LINE("GET /a b HTTP/1.1"), 400),
	NO(LINE("GET /"), 400),
	NO(LINE("GET / "), 400),
	NO(LINE("GET"), 400),
	NO(LINE("GET HTTP/1.1"), 400),
	NO(LINE("GET  HTTP/1.1"), 400),
	NO(LINE("/ HTTP/1.1"), 400),
	NO(LINE("G(T / HTTP/1.1"), 400),
	NO(LINE("G\0T / HTTP/1.1"), 400),
	NO(LINE("G\xc3T / HTTP/1.1"), 400),
	NO(LINE("GET / http/1.1"), 400),
	NO(LINE("GET / HTTP/1"), 400),
	NO(LINE("GET / HTTP/1."), 400),
	NO(LINE("GET / HTTP/1.1.1"), 400),
	NO(LINE("GET / HTTP/01.1"), 400),
	NO(LINE("GET / HTTP/1.10"), 400),
	NO(LINE("GET / HTTP/1.01"), 400),
	NO(LINE("GET / HTTP/1,1"), 400),
	NO(LINE("GET / HTTP/1.x"), 400),
	NO(LINE("GET / HTTP/x.1"), 400),
	NO(LINE("GET / HTTP/:.1"), 400),
	NO(LINE("GET / HTTPS/1.1"), 400),
	NO(LINE("GET / ICY/1.1"), 400),
	NO(LINE("GET / HTTP/0.9"), 505),
	NO(LINE("GET / HTTP/2.0"), 505),
	NO(LINE("GET / HTTP/3.1"), 505),
	NO("PRI * HTTP/2.0\r\n\r\n", 505),
	NO(LINE("GET * HTTP/1.1"), 400),
	NO(LINE("OPTIONS ** HTTP/1.1"), 400),
	NO(LINE("OPTIONS *?a HTTP/1.1"), 400),
	NO(LINE("GET a HTTP/1.1"), 400),
	NO(LINE("GET ?a HTTP/1.1"), 400),
	NO(LINE("GET h:80 HTTP/1.1"), 400),
	NO(LINE("GET /#a HTTP/1.1"), 400),
	NO(LINE("GET /?a#b HTTP/1.1"), 400),
	NO(LINE("GET /\x01 HTTP/1.1"), 400),
	NO(LINE("GET /\0 HTTP/1.1"), 400),
	NO(LINE("GET /\x7f HTTP/1.1"), 400),
	NO(LINE("GET /\ta HTTP/1.1"), 400),
	NO(LINE("GET /\ra HTTP/1.1"), 400),
	NO(LINE("GET /a?\x1f HTTP/1.1"), 400),

	/* absolute form */
	OK(LINE("GET http://a/b HTTP/1.1"), "GET /b 1K"),
	OK(LINE("GET http://a HTTP/1.1"), "GET / 1K"),
	OK(LINE("GET http://a?b HTTP/1.1"), "GET /?b 1K"),
	OK(LINE("GET http://a?b/c HTTP/1.1"), "GET /?b/c 1K"),
	OK(LINE("GET HTTPS://a:81//b?c HTTP/1.1"), "GET //b?c 1K"),
	OK(LINE("GET ws://[::1]:81/b HTTP/1.1"), "GET /b 1K"),
	OK(LINE("GET wss://a/http://c/ HTTP/1.1"), "GET /http://c/ 1K"),
	OK(LINE("OPTIONS http://a HTTP/1.1"), "OPTIONS / 1K"),
	NO(LINE("GET http:///b HTTP/1.1"), 400),
	NO(LINE("GET http:// HTTP/1.1"), 400),
	NO(LINE("GET http:/a HTTP/1.1"), 400),
	NO(LINE("GET http: HTTP/1.1"), 400),
	NO(LINE("GET http HTTP/1.1"), 400),
	NO(LINE("GET ://a/ HTTP/1.1"), 400),
	NO(LINE("GET ftp://a/ HTTP/1.1"), 400),
	NO(LINE("GET httpx://a/ HTTP/1.1"), 400),
	NO(LINE("GET http://u@a/ HTTP/1.1"), 400),
	NO(LINE("GET http://a\\b/ HTTP/1.1"), 400),

	/* line ends and empty lines */
	OK("\r\n" LINE("GET / HTTP/1.1"), "GET / 1K"),
	OK("\n" LINE("GET / HTTP/1.1"), "GET / 1K"),
	OK("\r\n\n\r\n" LINE("GET / HTTP/1.1"), "GET / 1K"),
	OK("GET / HTTP/1.1\nHost: h\n\n", "GET / 1K"),
	OK("GET / HTTP/1.1\nHost: h\r\n\n", "GET / 1K"),
	OK("GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / 1K"),
	NO("\r\r\n" LINE("GET / HTTP/1.1"), 400),
	NO("\rGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
	NO(" \r\n" LINE("GET / HTTP/1.1"), 400),
	NO("\0\r\n" LINE("GET / HTTP/1.1"), 400),
	NO("GET / HTTP/1.1\r\nHost: h\r\n\r\r\n\r\n", 400),
	NO("GET / HTTP/1.1\rHost: h\r\n\r\n", 400),
	NO("GET / HTTP/1.1\r\n\r\n", 400),
	NO("GET / HTTP/1.1\n\n", 400),

	/* fields */
	OK(GET("X-A: b\r\n"), "GET / 1K"),
	OK(GET("A:\r\n"), "GET / 1K"),
	OK(GET("A: \r\n"), "GET / 1K"),
	OK(GET("A:b:c\r\n"), "GET / 1K"),
	OK(GET("Cookie: \x80\xfe\xff\r\n"), "GET / 1K"),
	OK(GET("Cookie: a\tb\r\n"), "GET / 1K"),
	OK(GET("!#$%&'*+-.^_`|~9aZ: x\r\n"), "GET / 1K"),
	NO(GET("A : b\r\n"), 400),
	NO(GET("A\t: b\r\n"), 400),
	NO(GET("Cookie : b\r\n"), 400),
	NO(GET("A\r\n"), 400),
	NO(GET(": b\r\n"), 400),
	NO(GET(" A: b\r\n"), 400),
	NO(GET("A: b\r\n c\r\n"), 400),
	NO(GET("A: b\r\n\tc\r\n"), 400),
	NO(GET("A: b\r\n \r\n"), 400),
	NO(GET("A b: c\r\n"), 400),
	NO(GET("A(b: c\r\n"), 400),
	NO(GET("A\x80: c\r\n"), 400),
	NO(GET("A\0: c\r\n"), 400),
	NO(GET("A: b\0c\r\n"), 400),
	NO(GET("A: b\rc\r\n"), 400),
	NO(GET("A: b\r\r\n"), 400),
	NO(GET("A: b\x01\r\n"), 400),
	NO(GET("A: b\x0b\r\n"), 400),
	NO(GET("A: \x1f\r\n"), 400),
	NO(GET("A: b\x7f\r\n"), 400),
	NO(GET("Cookie: b\0c\r\n"), 400),
	NO(GET("Cookie: \0\r\n"), 400),
	NO("GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400),

	/* Host */
	OK("GET / HTTP/1.1\r\nhOST:h\r\n\r\n", "GET / 1K"),
	OK("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / 1K"),
	OK("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET / 1K"),
	OK("GET / HTTP/1.1\r\nHost: a_b.example:7681\r\n\r\n", "GET / 1K"),
	OK(GET10(""), "GET / 0"),
	NO("GET / HTTP/1.1\r\nHosts: h\r\n\r\n", 400),
	NO("GET / HTTP/1.2\r\n\r\n", 400),
	NO(GET("Host: h\r\n"), 400),
	NO(GET("HOST: i\r\n"), 400),
	NO(GET10("Host: h\r\nHost: h\r\n"), 400),
	NO("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
	NO("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
	NO("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
	NO("GET / HTTP/1.1\r\nHost: \xff\r\n\r\n", 400),
	NO("GET http://a/ HTTP/1.1\r\n\r\n", 400),

	/* Connection, Upgrade, Expect */
	OK(GET("Connection: close\r\n"), "GET / 1"),
	OK(GET("Connection: Close\r\n"), "GET / 1"),
	OK(GET("Connection: keep-alive\r\n"), "GET / 1K"),
	OK(GET("Connection: keep-alive, close\r\n"), "GET / 1"),
	OK(GET("Connection: close, keep-alive\r\n"), "GET / 1"),
	OK(GET("Connection: close\r\nConnection: keep-alive\r\n"), "GET / 1"),
	OK(GET("Connection: closed\r\n"), "GET / 1K"),
	OK(GET("Connection: clos\r\n"), "GET / 1K"),
	OK(GET("Connection: x,, ,close ,y\r\n"), "GET / 1"),
	OK(GET10("Connection: keep-alive\r\n"), "GET / 0K"),
	OK(GET10("Connection: Keep-Alive, x\r\n"), "GET / 0K"),
	OK(GET10("Connection: keep-alive, close\r\n"), "GET / 0"),
	OK(GET10("Connection: x\r\n"), "GET / 0"),
	OK(GET("Connection: Upgrade\r\nUpgrade: websocket\r\n"),
	   "GET / 1KUw"),
	OK(GET("Connection: keep-alive, uPGRADE\r\nUpgrade: WebSocket\r\n"),
	   "GET / 1KUw"),
	OK(GET("Connection: a\r\nConnection: b , upgrade\r\nUpgrade: x\r\n"),
	   "GET / 1KU"),
	OK(GET("Connection: upgrade\r\nUpgrade: h2c, websocket\r\n"),
	   "GET / 1KUw"),
	OK(GET("Upgrade: h2c\r\nUpgrade:\twebsocket\t\r\n"), "GET / 1Kw"),
	OK(GET("Upgrade: websocket/13\r\n"), "GET / 1K"),
	OK(GET("Upgrade: websockets\r\n"), "GET / 1K"),
	OK(GET("Upgrade:\r\n"), "GET / 1K"),
	OK(GET("Connection: upgrade2\r\n"), "GET / 1K"),
	OK(GET("Connection: \"upgrade\"\r\n"), "GET / 1K"),
	OK(POST("Expect: 100-continue\r\nContent-Length: 1\r\n"),
	   "POST /p 1KE=1"),
	OK(POST("Expect: 100-Continue\r\n"), "POST /p 1KE"),
	OK(POST("Expect: 200-ok\r\n"), "POST /p 1K"),
	OK(GET10("Expect: 100-continue\r\n"), "GET / 0"),

	/* how long the body is */
	OK(POST("Content-Length: 0\r\n"), "POST /p 1K=0"),
	OK(POST("content-length:5\r\n"), "POST /p 1K=5"),
	OK(POST("Content-Length: 5 \r\n"), "POST /p 1K=5"),
	OK(POST("Content-Length: 0005\r\n"), "POST /p 1K=5"),
	OK(POST("Content-Length: 5, 5\r\n"), "POST /p 1K=5"),
	OK(POST("Content-Length: 5\r\nContent-Length: 5\r\n"), "POST /p 1K=5"),
	OK(POST("Content-Length: 4294967296\r\n"), "POST /p 1K=4294967296"),
	OK(POST("Content-Length: 18446744073709551615\r\n"),
	   "POST /p 1K=18446744073709551615"),
	OK(GET("Content-Length: 3\r\n"), "GET / 1K=3"),
	OK(GET10("Content-Length: 3\r\n"), "GET / 0=3"),
	NO(POST("Content-Length: 18446744073709551616\r\n"), 400),
	NO(POST("Content-Length: 184467440737095516150\r\n"), 400),
	NO(POST("Content-Length: 99999999999999999999\r\n"), 400),
	NO(POST("Content-Length:\r\n"), 400),
	NO(POST("Content-Length: abc\r\n"), 400),
	NO(POST("Content-Length: -1\r\n"), 400),
	NO(POST("Content-Length: +1\r\n"), 400),
	NO(POST("Content-Length: 0x1\r\n"), 400),
	NO(POST("Content-Length: 1a\r\n"), 400),
	NO(POST("Content-Length: 1.0\r\n"), 400),
	NO(POST("Content-Length: 1 2\r\n"), 400),
	NO(POST("Content-Length: 5, 6\r\n"), 400),
	NO(POST("Content-Length: 5,\r\n"), 400),
	NO(POST("Content-Length: ,5\r\n"), 400),
	NO(POST("Content-Length: 5, x\r\n"), 400),
	NO(POST("Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
	NO(POST("Content-Length: 1\r\nContent-Length:\r\n"), 400),
	NO(POST("Content-Length : 5\r\n"), 400),
	OK(POST("Transfer-Encoding: chunked\r\n"), "POST /p 1KC"),
	OK(POST("transfer-encoding:\tCHUNKED \r\n"), "POST /p 1KC"),
	OK(POST("Transfer-Encoding: ,chunked,\r\n"), "POST /p 1KC"),
	NO(POST("Transfer-Encoding:\r\n"), 400),
	NO(POST("Transfer-Encoding: ,\r\n"), 400),
	NO(POST("Transfer-Encoding: gzip\r\n"), 501),
	NO(POST("Transfer-Encoding: gzip, chunked\r\n"), 501),
	NO(POST("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
	   501),
	NO(POST("Transfer-Encoding: identity\r\n"), 501),
	NO(POST("Transfer-Encoding: xchunked\r\n"), 501),
	NO(POST("Transfer-Encoding: chunked;a=b\r\n"), 501),
	NO(POST("Transfer-Encoding: \"chunked\"\r\n"), 501),
	NO(POST("Transfer-Encoding: chunked, gzip\r\n"), 400),
	NO(POST("Transfer-Encoding: chunked, chunked\r\n"), 400),
	NO(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"),
	   400),
	NO(POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400),
	NO(POST("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400),
	NO(POST("Transfer-Encoding : chunked\r\n"), 400),
	NO(POST("Transfer-Encoding: \x0b" "chunked\r\n"), 400),
	NO(GET10("Transfer-Encoding: chunked\r\n"), 400),
	NO(POST("A: b\r\n\x20Transfer-Encoding: chunked\r\n"), 400),

	/* no requests at all */
	NO("\x16\x03\x01\x02\x01\xfc\x03\x03\r\n\r\n", 400),
	NO("\xff\xfe\r\n\r\n", 400),
	NO("HTTP/1.1 200 OK\r\n\r\n", 400),
};

static const struct row responses[] = {
	OK("HTTP/1.1 101 Switching Protocols\r\n\r\n",
	   "101 Switching Protocols 1K"),
	OK("HTTP/1.1 101 \r\n\r\n", "101  1K"),
	OK("HTTP/1.1 101\r\n\r\n", "101 1K"),
	OK("HTTP/1.0 200 OK\n\n", "200 OK 0"),
	OK("HTTP/1.1 404 Not  Found\x80\r\n\r\n", "404 Not  Found\x80 1K"),
	OK("HTTP/1.1 599 x\r\nConnection: close\r\n\r\n", "599 x 1"),
	OK("\r\nHTTP/1.1 100 x\r\n\r\n", "100 x 1K"),
	OK("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	   "\r\n", "101 x 1KUw"),
	OK("HTTP/1.1 400 x\r\nContent-Length: 9\r\n\r\n", "400 x 1K=9"),
	OK("HTTP/1.1 400 x\r\nTransfer-Encoding: chunked\r\n\r\n",
	   "400 x 1KC"),
	OK("HTTP/1.0 200 Connection established\r\n\r\n",
	   "200 Connection established 0"),
	NO("HTTP/1.1 99 x\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 099 x\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 1011 x\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 1x1 x\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1  101 x\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 101\tx\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/2.0 200 OK\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/2 200 OK\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("http/1.1 200 OK\r\n\r\n", LWS_ERR_PROTOCOL),
	NO(" HTTP/1.1 200 OK\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 200 O\0K\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 200 O\rK\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 200 OK\r\nA\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("GET / HTTP/1.1\r\nHost: h\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("ICY 200 OK\r\n\r\n", LWS_ERR_PROTOCOL),
	NO("SSH-2.0-OpenSSH\r\n\r\n", LWS_ERR_PROTOCOL),
};

typedef int parse_fn(struct lws_block *b, struct lws_http_head *head);

static int
parse_request(struct lws_block *b, struct lws_http_head *head)
{
	int cut = 7, rc = lws_http_parse_request(b, head, NULL, &cut);

	assert_int_equal(cut, -1);
	return rc;
}

static const char *
field(const struct lws_block *b, enum lws_token_indexes token)
{
	static char text[8192];

	assert_true(lws_block_copy(b, token, text, sizeof(text)) >= 0);
	return text;
}

static void
describe_line(const struct lws_block *b, const struct lws_http_head *head,
	      struct lws_buf *out)
{
	static const char *const names[] = {
		"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE",
		"other",
	};

	if (head->status) {
		lws_buf_puts(out, field(b, WSI_TOKEN_HTTP));
		return;
	}
	lws_buf_printf(out, "%s %s", names[head->method],
		       field(b, lws_http_uri_token(head->method)));
	if (lws_block_count(b, WSI_TOKEN_HTTP_URI_ARGS))
		lws_buf_printf(out, "?%s", field(b, WSI_TOKEN_HTTP_URI_ARGS));
}

static void
describe(const struct lws_block *b, const struct lws_http_head *head,
	 char *text, size_t size)
{
	struct lws_buf out;

	lws_buf_init(&out, text, size);
	describe_line(b, head, &out);
	lws_buf_printf(&out, " %u%s%s%s%s%s", head->minor,
		       head->keep_alive ? "K" : "",
		       head->connection_upgrade ? "U" : "",
		       head->upgrade_websocket ? "w" : "",
		       head->chunked ? "C" : "",
		       head->expect_continue ? "E" : "");
	if (head->has_length)
		lws_buf_printf(&out, "=%llu",
			       (unsigned long long)head->content_length);
	lws_buf_put(&out, "", 1);
	assert_true(lws_buf_ok(&out));
}

/* Feed a row and its tail in these slices; false when it is not as it says. */
static bool
row_holds(const struct row *row, parse_fn *parse, size_t first, size_t step)
{
	const size_t len = row->len + sizeof(TAIL) - 1;
	struct lws_block *b = lws_block_new();
	struct lws_http_head head;
	char wire[512], text[512] = "";
	size_t left;
	int rc;

	assert_true(len <= sizeof(wire));
	memcpy(wire, row->head, row->len);
	memcpy(wire + row->len, TAIL, sizeof(TAIL) - 1);
	rc = feed(b, wire, len, first, step, &left);
	assert_int_equal(rc, 1);
	rc = parse(b, &head);
	if (!rc)
		describe(b, &head, text, sizeof(text));
	lws_block_free(b);
	/* a refused head may have its end before the one we see in it */
	if (rc == row->status && !strcmp(text, row->says) &&
	    (rc || left == sizeof(TAIL) - 1))
		return true;
	print_error("\"%.*s\" in %zu, %zu...: %d \"%s\", %zu left\n",
		    (int)row->len, row->head, first, step, rc, text, left);
	return false;
}

static void
rows_hold(const struct row *rows, size_t n, parse_fn *parse)
{
	size_t i, cut, bad = 0;

	for (i = 0; i < n; i++) {
		const size_t all = rows[i].len + sizeof(TAIL) - 1;
		bool ok = row_holds(&rows[i], parse, all, all) &&
			  row_holds(&rows[i], parse, 1, 1) &&
			  row_holds(&rows[i], parse, 2, 3);

		for (cut = 1; ok && cut < all; cut++)
			ok = row_holds(&rows[i], parse, cut, all);
		bad += !ok;
	}
	assert_int_equal(bad, 0);
}

static void
test_requests_say_the_same_in_any_slices(void **state)
{
	(void)state;
	rows_hold(requests, COUNT(requests), parse_request);
}

static void
test_responses_say_the_same_in_any_slices(void **state)
{
	(void)state;
	rows_hold(responses, COUNT(responses), lws_http_parse_response);
}

/* A parsed request of the @len bytes at @head; its status in *status. */
static struct lws_block *
parsed(const void *head, size_t len, const struct lws_token_limits *limits,
       int *status, int *cut)
{
	struct lws_block *b = lws_block_new();
	struct lws_http_head facts;
	size_t left;

	assert_non_null(b);
	assert_int_equal(feed(b, head, len, len, len, &left), 1);
	assert_int_equal(left, 0);
	*status = lws_http_parse_request(b, &facts, limits, cut);
	return b;
}

static void
value_is(const struct lws_block *b, enum lws_token_indexes token,
	 const char *want)
{
	char got[256];
	int len = lws_block_copy(b, token, got, sizeof(got));

	assert_int_equal(len, strlen(want));
	assert_string_equal(got, want);
	assert_int_equal(lws_block_length(b, token), strlen(want));
}

static void
test_values_are_trimmed_and_joined(void **state)
{
	static const char head[] =
		"GET /a?b=c HTTP/1.1\r\nHOST:  example.com:80 \r\n"
		"X-Unknown: 1\r\nCookie: a=1\r\nSec-WebSocket-Protocol:x\r\n"
		"cookie:b=2\t\r\nsec-websocket-protocol: y ,z\r\n"
		"Sec-WebSocket-Origin: http://o\r\n"
		"Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n\r\n";
	int status, cut;
	struct lws_block *b = parsed(head, sizeof(head) - 1, NULL, &status,
				     &cut);

	(void)state;
	assert_int_equal(status, 0);
	value_is(b, WSI_TOKEN_GET_URI, "/a");
	value_is(b, WSI_TOKEN_HTTP_URI_ARGS, "b=c");
	value_is(b, WSI_TOKEN_HTTP, "HTTP/1.1");
	value_is(b, WSI_TOKEN_HOST, "example.com:80");
	value_is(b, WSI_TOKEN_HTTP_COOKIE, "a=1; b=2");
	value_is(b, WSI_TOKEN_PROTOCOL, "x, y ,z");
	value_is(b, WSI_TOKEN_ORIGIN, "http://o");
	value_is(b, WSI_TOKEN_KEY1, "4 @1  46546xW%0l 1 5");
	value_is(b, WSI_TOKEN_KEY2, "");
	assert_int_equal(lws_block_count(b, WSI_TOKEN_PROTOCOL), 2);
	assert_int_equal(lws_block_count(b, WSI_TOKEN_HOST), 1);
	assert_int_equal(lws_block_count(b, WSI_TOKEN_POST_URI), 0);
	lws_block_free(b);
}

static void
test_authority_of_the_target_is_the_host(void **state)
{
	static const char head[] =
		"GET http://b:8/c HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char head10[] = "GET http://b HTTP/1.0\r\n\r\n";
	int status, cut;
	struct lws_block *b = parsed(head, sizeof(head) - 1, NULL, &status,
				     &cut);

	(void)state;
	assert_int_equal(status, 0);
	value_is(b, WSI_TOKEN_HOST, "b:8");
	assert_int_equal(lws_block_count(b, WSI_TOKEN_HOST), 1);
	lws_block_free(b);

	b = parsed(head10, sizeof(head10) - 1, NULL, &status, &cut);
	assert_int_equal(status, 0);
	value_is(b, WSI_TOKEN_HOST, "b");
	value_is(b, WSI_TOKEN_GET_URI, "/");
	lws_block_free(b);
}

static void
test_response_fields_are_found(void **state)
{
	static const char head[] =
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
	struct lws_block *b = lws_block_new();
	struct lws_http_head facts;
	size_t left;

	(void)state;
	assert_int_equal(feed(b, head, sizeof(head) - 1, 1, 1, &left), 1);
	assert_int_equal(lws_http_parse_response(b, &facts), 0);
	assert_int_equal(facts.status, 101);
	value_is(b, WSI_TOKEN_HTTP, "101 Switching Protocols");
	value_is(b, WSI_TOKEN_ACCEPT, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	lws_block_free(b);
}

static void
test_each_method_has_its_token(void **state)
{
	(void)state;
	assert_int_equal(lws_http_uri_token(LWS_HTTP_GET), WSI_TOKEN_GET_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_HEAD), WSI_TOKEN_GET_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_POST),
			 WSI_TOKEN_POST_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_OPTIONS),
			 WSI_TOKEN_OPTIONS_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_PUT), WSI_TOKEN_PUT_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_PATCH),
			 WSI_TOKEN_PATCH_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_DELETE),
			 WSI_TOKEN_DELETE_URI);
	assert_int_equal(lws_http_uri_token(LWS_HTTP_OTHER),
			 WSI_TOKEN_GET_URI);
}

/* The status of a head made of three pieces, the middle one @n letters. */
static int
status_of_long(const char *before, size_t n, const char *after)
{
	const size_t a = strlen(before), z = strlen(after);
	char *head = malloc(a + n + z);
	int status, cut;

	memcpy(head, before, a);
	memset(head + a, 'a', n);
	memcpy(head + a + n, after, z);
	lws_block_free(parsed(head, a + n + z, NULL, &status, &cut));
	free(head);
	return status;
}

static void
test_values_may_have_the_limit_and_no_byte_more(void **state)
{
	static const char *const fields[] = {
		"Cookie: ", "X-Unknown: ", "Host: h\r\nOrigin:\t",
	};
	const size_t most = LWS_MAX_HEADER_LEN;
	char before[64];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(fields); n++) {
		snprintf(before, sizeof(before), "GET / HTTP/1.0\r\n%s",
			 fields[n]);
		assert_int_equal(status_of_long(before, most, " \r\n\r\n"), 0);
		assert_int_equal(status_of_long(before, most + 1, "\r\n\r\n"),
				 431);
	}
}

static void
test_targets_may_have_the_limit_and_no_byte_more(void **state)
{
	const char *after = " HTTP/1.1\r\nHost: h\r\n\r\n";
	const size_t most = LWS_MAX_HEADER_LEN;

	(void)state;
	assert_int_equal(status_of_long("GET /", most - 1, after), 0);
	assert_int_equal(status_of_long("GET /", most, after), 414);
	assert_int_equal(status_of_long("OPTIONS /?", most - 2, after), 0);
	assert_int_equal(status_of_long("OPTIONS /?", most - 1, after), 414);
}

static void
test_names_of_any_length_are_skipped(void **state)
{
	const char *before = "GET / HTTP/1.1\r\nHost: h\r\n";
	const char *after = ": x\r\n\r\n";
	/* of those that a whole head has room for */
	const size_t most = lws_min((size_t)LWS_MAX_HEADER_NAME_LENGTH,
				    LWS_MAX_HEAD_LEN - 100);

	(void)state;
	assert_int_equal(status_of_long(before, most, after), 0);
	assert_int_equal(status_of_long(before, most + 1, after), 0);
	assert_int_equal(status_of_long(before, 10000, after), 0);
}

static int
status_of_many(size_t fields, const char *line)
{
	const size_t len = strlen(line);
	char *head = malloc(100 + fields * len), *p = head;
	int status, cut;

	p += sprintf(p, "GET / HTTP/1.1\r\nHost: h\r\n");
	while (fields--) {
		memcpy(p, line, len);
		p += len;
	}
	memcpy(p, "\r\n", 2);
	lws_block_free(parsed(head, (size_t)(p + 2 - head), NULL, &status,
			      &cut));
	free(head);
	return status;
}

/* Target, version and Host are three of the 255 a block can index. */
static void
test_known_fields_are_counted_unknown_ones_are_not(void **state)
{
	(void)state;
	assert_int_equal(status_of_many(252, "Age:1\r\n"), 0);
	assert_int_equal(status_of_many(253, "Age:1\r\n"), 431);
	assert_int_equal(status_of_many(2000, "X:1\r\n"), 0);
}

static void
no_limits(struct lws_token_limits *limits)
{
	memset(limits, 0xff, sizeof(*limits));
}

static void
test_limits_cut_values(void **state)
{
	static const char head[] =
		"POST /abcdef?ghi HTTP/1.1\r\nHost: example\r\nCookie: a=1\r\n"
		"Cookie: b=2\r\nCookie: c=3\r\nContent-Length: 1234\r\n\r\n";
	static const struct {
		enum lws_token_indexes token;
		unsigned short limit;
		const char *want;
	} rows[] = {
		{ WSI_TOKEN_HOST, 8, "example" },
		{ WSI_TOKEN_HOST, 7, "example" },
		{ WSI_TOKEN_HOST, 6, "exampl" },
		{ WSI_TOKEN_HOST, 1, "e" },
		{ WSI_TOKEN_HOST, 0, "" },
		{ WSI_TOKEN_POST_URI, 4, "/abc" },
		{ WSI_TOKEN_HTTP_URI_ARGS, 2, "gh" },
		{ WSI_TOKEN_HTTP, 4, "HTTP" },
		{ WSI_TOKEN_HTTP_CONTENT_LENGTH, 1, "1" },
		{ WSI_TOKEN_HTTP_COOKIE, 0, "" },
		{ WSI_TOKEN_HTTP_COOKIE, 2, "a=" },
		{ WSI_TOKEN_HTTP_COOKIE, 3, "a=1" },
		{ WSI_TOKEN_HTTP_COOKIE, 4, "a=1" },
		{ WSI_TOKEN_HTTP_COOKIE, 5, "a=1" },
		{ WSI_TOKEN_HTTP_COOKIE, 6, "a=1; b" },
		{ WSI_TOKEN_HTTP_COOKIE, 8, "a=1; b=2" },
		{ WSI_TOKEN_HTTP_COOKIE, 12, "a=1; b=2; c=" },
		{ WSI_TOKEN_HTTP_COOKIE, 13, "a=1; b=2; c=3" },
		{ WSI_TOKEN_HTTP_COOKIE, 14, "a=1; b=2; c=3" },
	};
	struct lws_token_limits limits;
	struct lws_block *b;
	int status, cut;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		size_t whole;

		no_limits(&limits);
		b = parsed(head, sizeof(head) - 1, &limits, &status, &cut);
		assert_int_equal(cut, -1);
		whole = lws_block_length(b, rows[n].token);
		lws_block_free(b);

		limits.token_limit[rows[n].token] = rows[n].limit;
		b = parsed(head, sizeof(head) - 1, &limits, &status, &cut);
		assert_int_equal(status, 0);
		value_is(b, rows[n].token, rows[n].want);
		assert_int_equal(cut, strlen(rows[n].want) < whole ?
				 (int)rows[n].token : -1);
		lws_block_free(b);
	}
}

static void
test_limits_do_not_change_what_a_head_says(void **state)
{
	static const char head[] =
		"POST / HTTP/1.1\r\nHost: h\r\nConnection: close, upgrade\r\n"
		"Content-Length: 1234\r\n\r\n";
	struct lws_block *b = lws_block_new();
	struct lws_token_limits limits;
	struct lws_http_head facts;
	size_t left;
	int cut;

	(void)state;
	memset(&limits, 0, sizeof(limits));
	feed(b, head, sizeof(head) - 1, 1, 1, &left);
	assert_int_equal(lws_http_parse_request(b, &facts, &limits, &cut), 0);
	assert_int_equal(facts.content_length, 1234);
	assert_true(facts.connection_upgrade);
	assert_false(facts.keep_alive);
	assert_true(cut >= 0);
	value_is(b, WSI_TOKEN_HTTP_CONTENT_LENGTH, "");
	lws_block_free(b);
}

/* The most expensive head there is: both the bytes and the index grow. */
static int
collect_and_parse(const char *head, size_t len)
{
	struct lws_block *b = lws_block_new();
	struct lws_http_head facts;
	size_t left;
	int rc, cut;

	if (!b)
		return LWS_ERR_NOMEM;
	rc = feed(b, head, len, 100, 100, &left);
	if (rc == 1)
		rc = lws_http_parse_request(b, &facts, NULL, &cut);
	lws_block_free(b);
	return rc;
}

static void
test_any_allocation_may_fail(void **state)
{
	char head[4000] = "GET / HTTP/1.1\r\nHost: h\r\n";
	size_t len = strlen(head);
	int rc = 0;
	long k;

	(void)state;
	while (len < 3000)
		len += (size_t)sprintf(head + len, "Cookie: a=%zu\r\n", len);
	len += (size_t)sprintf(head + len, "\r\n");
	for (k = 0; k < 100; k++) {
		unit_allow(k);
		rc = collect_and_parse(head, len);
		unit_allow(-1);
		assert_int_equal(unit_blocks, 0);
		if (!rc)
			break;
		assert_true(rc == LWS_ERR_NOMEM || rc == 503);
	}
	assert_int_equal(rc, 0);
	assert_true(k >= 5);
}

static void
test_a_response_without_memory_for_it_says_so(void **state)
{
	char head[4000] = "HTTP/1.1 200 OK\r\n";
	struct lws_block *b = lws_block_new();
	struct lws_http_head facts;
	size_t len = strlen(head), left;

	(void)state;
	while (len < 3000)
		len += (size_t)sprintf(head + len, "Set-Cookie: a=%zu\r\n",
				       len);
	len += (size_t)sprintf(head + len, "\r\n");
	assert_int_equal(feed(b, head, len, len, len, &left), 1);
	unit_allow(0);
	assert_int_equal(lws_http_parse_response(b, &facts), LWS_ERR_NOMEM);
	unit_allow(-1);
	lws_block_free(b);
	assert_int_equal(unit_blocks, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_say_the_same_in_any_slices),
		cmocka_unit_test(test_responses_say_the_same_in_any_slices),
		cmocka_unit_test(test_values_are_trimmed_and_joined),
		cmocka_unit_test(test_authority_of_the_target_is_the_host),
		cmocka_unit_test(test_response_fields_are_found),
		cmocka_unit_test(test_each_method_has_its_token),
		cmocka_unit_test(
			test_values_may_have_the_limit_and_no_byte_more),
		cmocka_unit_test(
			test_targets_may_have_the_limit_and_no_byte_more),
		cmocka_unit_test(test_names_of_any_length_are_skipped),
		cmocka_unit_test(
			test_known_fields_are_counted_unknown_ones_are_not),
		cmocka_unit_test(test_limits_cut_values),
		cmocka_unit_test(test_limits_do_not_change_what_a_head_says),
		cmocka_unit_test(test_any_allocation_may_fail),
		cmocka_unit_test(
			test_a_response_without_memory_for_it_says_so),
	};

	unit_allow(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
