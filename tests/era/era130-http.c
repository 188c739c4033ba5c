/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era130-http.c - mid 2014: pages, forms and a mirror.
 *
 * Of that time: libwebsockets_serve_http_file() with other headers as a C
 * string, a URI without its query, bodies, libwebsockets_return_http_status(),
 * limits for single headers, and a close after each response.
 */
#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define BODY_LEN 10000
#define FRAGMENTS 5

static char page[256];
static struct libwebsocket *wsi_mirror;
static int requests, filters, completions, closed_http;
static size_t body_seen;
static int bodies, mirrored, finals, client_closed, server_closed;

struct per_session_data__http {
	size_t body;
};

static int
serve_page(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	char other_headers[] = "Set-Cookie: test=LWS_1;Max-Age=360000\x0d\x0a";
	char buf[64];
	int n;

	CHECK(lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_HTTP_URI_ARGS) > 0);
	CHECK(!strcmp(buf, "colour=red&n=1"));
	CHECK(lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_HTTP_ACCEPT) == 3);
	CHECK(!strcmp(buf, "a/b"));
	/* cut to its limit; the others are as long as they like */
	n = lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_HTTP_COOKIE);
	CHECK(n == 8 && !strcmp(buf, "abcdefgh"));

	if (libwebsockets_serve_http_file(context, wsi, page, "text/html",
					  other_headers))
		return -1; /* through completion or error, close the socket */
	return 0;
}

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct per_session_data__http *pss =
		(struct per_session_data__http *)user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
		CHECK(pss->body == 0);
		filters++;
		break;

	case LWS_CALLBACK_HTTP:
		requests++;
		CHECK(len == strlen((char *)in));
		/* if a legal POST URL, let it continue and accept data */
		if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI)) {
			CHECK(!strcmp((char *)in, "/form"));
			return 0;
		}
		if (!strcmp((char *)in, "/missing")) {
			libwebsockets_return_http_status(context, wsi,
				HTTP_STATUS_FORBIDDEN, NULL);
			return -1;
		}
		/* decoded, and nothing above the root */
		CHECK(!strcmp((char *)in, "/my page.html"));
		return serve_page(context, wsi);

	case LWS_CALLBACK_HTTP_BODY:
		CHECK(len > 0);
		pss->body += len;
		bodies++;
		break;

	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		/* the whole of sent body arrived, close the connection */
		body_seen = pss->body;
		libwebsockets_return_http_status(context, wsi,
						 HTTP_STATUS_OK, NULL);
		return -1;

	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		completions++;
		/* kill the connection after we sent one file */
		return -1;

	case LWS_CALLBACK_CLOSED_HTTP:
		closed_http++;
		break;

	default:
		break;
	}
	return 0;
}

/* one message in fragments, text first */
static int
send_fragments(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	static int fragment;
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 100 +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	int write_mode = fragment ? LWS_WRITE_CONTINUATION : LWS_WRITE_TEXT;
	int n;

	if (fragment == FRAGMENTS)
		return 0;
	if (++fragment < FRAGMENTS) {
		write_mode |= LWS_WRITE_NO_FIN;
		libwebsocket_callback_on_writable(context, wsi);
	}
	memset(p, 'a' + fragment, 100);
	n = libwebsocket_write(wsi, p, 100,
			       (enum libwebsocket_write_protocol)write_mode);
	CHECK(n == 100);
	return n < 0 ? -1 : 0;
}

static int
callback_lws_mirror(struct libwebsocket_context *context,
		    struct libwebsocket *wsi,
		    enum libwebsocket_callback_reasons reason, void *user,
		    void *in, size_t len)
{
	static int first = 1;
	int write_mode, n;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_RECEIVE:
		/* in chunks of 64, passed back as they are */
		CHECK(len == 64 || len == 36);
		CHECK(!lws_frame_is_binary(wsi));
		write_mode = first ? LWS_WRITE_TEXT : LWS_WRITE_CONTINUATION;
		first = 0;
		if (libwebsockets_remaining_packet_payload(wsi) ||
		    !libwebsocket_is_final_fragment(wsi))
			write_mode |= LWS_WRITE_NO_FIN;
		n = libwebsocket_write(wsi, (unsigned char *)in, len,
			(enum libwebsocket_write_protocol)write_mode);
		CHECK(n == (int)len);
		break;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return send_fragments(context, wsi);

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(((char *)in)[0] == 'b' + mirrored / 100);
		mirrored += (int)len;
		if (!libwebsocket_is_final_fragment(wsi))
			break;
		finals++;
		/* 1000: that was it */
		((unsigned char *)in)[0] = 0x03;
		((unsigned char *)in)[1] = 0xe8;
		CHECK(libwebsocket_write(wsi, (unsigned char *)in, 2,
					 LWS_WRITE_CLOSE) == 2);
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		client_closed++;
		break;

	case LWS_CALLBACK_CLOSED:
		if (wsi == wsi_mirror)
			client_closed++;
		else
			server_closed++;
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{
		"http-only",
		callback_http,
		sizeof(struct per_session_data__http),
		0,
	},
	{
		"lws-mirror-protocol",
		callback_lws_mirror,
		0,
		64,
	},
	{ NULL, NULL, 0, 0 }
};

static void
check_replies(struct browser *get, struct browser *post, struct browser *no)
{
	char *body = strstr(get->reply, "\x0d\x0a\x0d\x0a");

	CHECK(get->ended && browser_has(get, " 200 "));
	/* one response a connection, as it was then */
	CHECK(browser_has(get, "\x0d\x0a" "Connection: close\x0d\x0a"));
	CHECK(browser_has(get, "Set-Cookie: test=LWS_1;Max-Age=360000\x0d"));
	CHECK(body && strlen(body + 4) == 20000);
	CHECK(completions == 1);

	CHECK(post->ended && browser_has(post, " 200 "));
	CHECK(body_seen == BODY_LEN);
	CHECK(bodies > 0);

	CHECK(no->ended && browser_has(no, " 403 "));
	CHECK(browser_has(no, "<h1>403"));

	CHECK(requests == 3 && filters == 3 && closed_http == 3);
}

static struct libwebsocket_context *
make_context(int *port)
{
	static struct lws_token_limits token_limits;
	struct libwebsocket_context *context;
	struct lws_context_creation_info info;
	size_t n;

	for (n = 0; n < ARRAY_SIZE(token_limits.token_limit); n++)
		token_limits.token_limit[n] = 200;
	token_limits.token_limit[WSI_TOKEN_HTTP_COOKIE] = 8;

	memset(&info, 0, sizeof info);
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.token_limits = &token_limits;
	info.gid = -1;
	info.uid = -1;
	context = libwebsocket_create_context(&info);
	*port = info.port;
	return context;
}

static const char get_text[] =
	"GET /a/../my%20page.html?colour=red&n=1 HTTP/1.1\x0d\x0a"
	"Host: localhost\x0d\x0a"
	"Accept: a/b\x0d\x0a"
	"Cookie: abcdefghijkl\x0d\x0a"
	"\x0d\x0a";
static const char post_text[] =
	"POST /form HTTP/1.1\x0d\x0a"
	"Host: localhost\x0d\x0a"
	"Content-Length: 10000\x0d\x0a"
	"\x0d\x0a";
static const char no_text[] =
	"GET /missing HTTP/1.0\x0d\x0a"
	"\x0d\x0a";

int
main(void)
{
	static struct browser get, post, no;
	static char body[BODY_LEN + 1];
	struct libwebsocket_context *context;
	long deadline = era_deadline();
	int port, n = 0;

	lws_set_log_level(LLL_ERR, NULL);
	era_make_file(page, sizeof(page), 20000);
	context = make_context(&port);
	if (context == NULL) {
		lwsl_err("libwebsocket init failed\n");
		return 1;
	}
	browser_ask(&get, port, get_text);
	browser_ask(&post, port, post_text);
	browser_ask(&no, port, no_text);
	memset(body, 'x', BODY_LEN);
	browser_say(&post, body);
	wsi_mirror = libwebsocket_client_connect(context, "127.0.0.1", port, 0,
			"/xxx", "localhost", "http://localhost",
			"lws-mirror-protocol", -1);
	CHECK(wsi_mirror != NULL);

	while (n >= 0 && era_now() < deadline) {
		n = libwebsocket_service(context, 10);
		browser_look(&get);
		browser_look(&post);
		browser_look(&no);
		if (get.ended && post.ended && no.ended && client_closed &&
		    server_closed && closed_http == 3)
			break;
	}
	CHECK(n == 0);
	check_replies(&get, &post, &no);
	CHECK(mirrored == FRAGMENTS * 100);
	CHECK(finals == 1);
	CHECK(client_closed == 1 && server_closed == 1);

	libwebsocket_context_destroy(context);
	browser_close(&get);
	browser_close(&post);
	browser_close(&no);
	unlink(page);
	return era_result(get.ended && post.ended && no.ended && client_closed,
			  "all of it");
}
