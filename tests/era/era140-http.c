/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era140-http.c - early 2015: a server that keeps its connections.
 *
 * Of that time: header builders, transactions, responses written by hand as
 * the socket allows, libwebsockets_serve_http_file() with the length of the
 * other headers, a table of all headers' names.  One browser makes all its
 * requests on one connection, then a WebSocket is opened on another.
 */
#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define STREAM_LEN 30000
#define STREAM_STEP 1000

static char page[256];
static int requests, completions, closed_http, stores, tables;
static int opened, mirrored, closed;

struct per_session_data__http {
	int streamed;
	int streaming;
	size_t body;
	int requests;
};

/*
 * this is just an example of parsing handshake headers, you don't need this
 * in your code unless you will filter allowing connections by the header
 * content
 */
static void
dump_handshake_info(struct libwebsocket *wsi)
{
	const unsigned char *c;
	char buf[256];
	int n = 0, found = 0;

	do {
		c = lws_token_to_string((enum lws_token_indexes)n);
		if (!c || !lws_hdr_total_length(wsi,
						(enum lws_token_indexes)n)) {
			n++;
			continue;
		}
		CHECK(lws_hdr_copy(wsi, buf, sizeof buf,
				   (enum lws_token_indexes)n) > 0);
		found++;
		n++;
	} while (n < WSI_TOKEN_COUNT);
	CHECK(found >= 2);
	CHECK(!strcmp((const char *)lws_token_to_string(WSI_TOKEN_HOST),
		      "host:"));
	CHECK(lws_token_to_string(WSI_TOKEN_COUNT) == NULL);
	tables++;
}

/* the header block of a stream; what follows is sent when writable */
static int
begin_stream(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     struct per_session_data__http *pss)
{
	unsigned char buffer[1024 + LWS_SEND_BUFFER_PRE_PADDING];
	unsigned char *p = buffer + LWS_SEND_BUFFER_PRE_PADDING;
	unsigned char *start = p;
	unsigned char *end = buffer + sizeof(buffer) - 1;
	unsigned char tiny[8], *t = tiny;
	int n;

	if (lws_add_http_header_status(context, wsi, 200, &p, end))
		return 1;
	if (lws_add_http_header_by_token(context, wsi, WSI_TOKEN_HTTP_SERVER,
			(unsigned char *)"libwebsockets", 13, &p, end))
		return 1;
	if (lws_add_http_header_by_token(context, wsi,
			WSI_TOKEN_HTTP_CONTENT_TYPE,
			(unsigned char *)"image/jpeg", 10, &p, end))
		return 1;
	if (lws_add_http_header_by_name(context, wsi,
			(unsigned char *)"x-ours:",
			(unsigned char *)"yes", 3, &p, end))
		return 1;
	if (lws_add_http_header_content_length(context, wsi, STREAM_LEN, &p,
					       end))
		return 1;
	if (lws_finalize_http_header(context, wsi, &p, end))
		return 1;

	/* where there is no room they say so */
	CHECK(lws_add_http_header_status(context, wsi, 200, &t, tiny + 8) == 1);

	n = libwebsocket_write(wsi, start, (size_t)(p - start),
			       LWS_WRITE_HTTP_HEADERS);
	CHECK(n == (int)(p - start));
	if (n < 0)
		return -1;
	pss->streamed = 0;
	pss->streaming = 1;
	libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

static int
go_on_streaming(struct libwebsocket_context *context, struct libwebsocket *wsi,
		struct per_session_data__http *pss)
{
	unsigned char buffer[STREAM_STEP + LWS_SEND_BUFFER_PRE_PADDING];
	unsigned char *p = buffer + LWS_SEND_BUFFER_PRE_PADDING;
	int n;

	if (!pss->streaming)
		return 0;
	do {
		memset(p, 's', STREAM_STEP);
		n = libwebsocket_write(wsi, p, STREAM_STEP, LWS_WRITE_HTTP);
		if (n < 0)
			return -1;
		CHECK(n == STREAM_STEP);
		pss->streamed += n;
		/* still moving: do not time out */
		libwebsocket_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, 5);
		if (pss->streamed == STREAM_LEN) {
			pss->streaming = 0;
			if (lws_http_transaction_completed(wsi))
				return -1;
			return 0;
		}
	} while (!lws_send_pipe_choked(wsi) && !lws_partial_buffered(wsi) &&
		 pss->streamed % 7000);
	libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

static int
serve_page(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	unsigned char buffer[128];
	unsigned char *p = buffer, *end = p + sizeof(buffer);
	int n;

	if (lws_add_http_header_by_name(context, wsi,
			(unsigned char *)"set-cookie:",
			(unsigned char *)"test=1;Max-Age=36", 17, &p, end))
		return 1;
	n = libwebsockets_serve_http_file(context, wsi, page, "text/html",
					  (char *)buffer, (int)(p - buffer));
	if (n < 0 || ((n > 0) && lws_http_transaction_completed(wsi)))
		return -1;
	/*
	 * the sending of the file completes asynchronously, we'll get a
	 * LWS_CALLBACK_HTTP_FILE_COMPLETION callback when it's done
	 */
	return 0;
}

static int
callback_http_request(struct libwebsocket_context *context,
		      struct libwebsocket *wsi,
		      struct per_session_data__http *pss, const char *uri)
{
	requests++;
	/* the same session for all requests of a connection */
	CHECK(pss->requests++ == requests - 1);

	dump_handshake_info(wsi);
	if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_PUT_URI)) {
		pss->body = 0;
		return 0;
	}
	if (!strcmp(uri, "/stream.jpg"))
		return begin_stream(context, wsi, pss);
	if (!strcmp(uri, "/page.html"))
		return serve_page(context, wsi);
	if (libwebsockets_return_http_status(context, wsi,
					     HTTP_STATUS_NOT_FOUND, "no such"))
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct per_session_data__http *pss =
		(struct per_session_data__http *)user;

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		CHECK(strlen((char *)in) == len);
		CHECK(((char *)in)[0] == '/' && !strchr((char *)in, '?'));
		return callback_http_request(context, wsi, pss, (char *)in);

	case LWS_CALLBACK_HTTP_BODY:
		pss->body += len;
		break;

	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		stores += pss->body == 11;
		if (libwebsockets_return_http_status(context, wsi,
						     HTTP_STATUS_OK, "stored"))
			return -1;
		if (lws_http_transaction_completed(wsi))
			return -1;
		break;

	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		completions++;
		break;

	case LWS_CALLBACK_HTTP_WRITEABLE:
		return go_on_streaming(context, wsi, pss);

	case LWS_CALLBACK_CLOSED_HTTP:
		closed_http++;
		break;

	default:
		break;
	}
	return 0;
}

static int
callback_lws_mirror(struct libwebsocket_context *context,
		    struct libwebsocket *wsi,
		    enum libwebsocket_callback_reasons reason, void *user,
		    void *in, size_t len)
{
	static unsigned char text[] = "d #000000 1 2 3 4;";

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		dump_handshake_info(wsi);
		CHECK(lws_hdr_total_length(wsi, WSI_TOKEN_ACCEPT) == 28);
		break;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(!strcmp(libwebsockets_get_protocol(wsi)->name,
			      "fake-nonexistant-protocol,lws-mirror-protocol"));
		opened++;
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (mirrored)
			break;
		/* without the padding; it is const for all we know */
		CHECK(libwebsocket_write(wsi, text, 18, LWS_WRITE_TEXT) == 18);
		CHECK(!memcmp(text, "d #000000 1 2 3 4;", 19));
		break;

	case LWS_CALLBACK_RECEIVE:
		libwebsocket_write(wsi, (unsigned char *)in, len,
				   LWS_WRITE_TEXT);
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(len == 18 && !memcmp(in, text, 18));
		mirrored++;
		return -1;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		break;

	case LWS_CALLBACK_CLOSED:
		closed++;
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
		0, NULL
	},
	{
		"lws-mirror-protocol",
		callback_lws_mirror,
		0,
		128,
		0, NULL
	},
	{ NULL, NULL, 0, 0, 0, NULL }
};

/* the client's names are odd on purpose: they have commas in them */
static struct libwebsocket_protocols client_protocols[] = {
	{
		"dumb-increment-protocol,fake-nonexistant-protocol",
		callback_lws_mirror,
		0,
		20,
		0, NULL
	},
	{
		"fake-nonexistant-protocol,lws-mirror-protocol",
		callback_lws_mirror,
		0,
		128,
		0, NULL
	},
	{ NULL, NULL, 0, 0, 0, NULL }
};

/* all at once: what comes early is held until its turn */
static const char pipelined[] =
	"GET /page.html?x=1 HTTP/1.1\x0d\x0aHost: localhost\x0d\x0a\x0d\x0a"
	"POST /store HTTP/1.1\x0d\x0aHost: localhost\x0d\x0a"
	"Content-Length: 11\x0d\x0a\x0d\x0ahello world"
	"GET /stream.jpg HTTP/1.1\x0d\x0aHost: localhost\x0d\x0a\x0d\x0a"
	"PUT /store HTTP/1.1\x0d\x0aHost: localhost\x0d\x0a"
	"Transfer-Encoding: chunked\x0d\x0a\x0d\x0a"
	"5\x0d\x0ahello\x0d\x0a" "6\x0d\x0a world\x0d\x0a" "0\x0d\x0a\x0d\x0a"
	"GET /nothing HTTP/1.1\x0d\x0aHost: localhost\x0d\x0a"
	"Connection: close\x0d\x0a\x0d\x0a";

static void
check_replies(const struct browser *b)
{
	CHECK(b->ended);
	CHECK(browser_count(b, "HTTP/1.1 200 ") == 4);
	CHECK(browser_count(b, "HTTP/1.1 404 ") == 1);
	CHECK(browser_has(b, "set-cookie: test=1;Max-Age=36\x0d\x0a"));
	CHECK(browser_has(b, "x-ours: yes\x0d\x0a"));
	CHECK(browser_has(b, "content-length: 30000\x0d\x0a"));
	CHECK(browser_count(b, "ssssssssss") == STREAM_LEN / 10);
	CHECK(browser_count(b, "stored") == 2);
	CHECK(browser_has(b, "no such"));
	CHECK(requests == 5 && completions == 1 && stores == 2);
	CHECK(closed_http == 1);
	CHECK(tables == 6);
}

static struct libwebsocket_context *
make_context(int port, struct libwebsocket_protocols *list, int *port_used)
{
	struct libwebsocket_context *context;
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = port;
	info.protocols = list;
	info.gid = -1;
	info.uid = -1;
	context = libwebsocket_create_context(&info);
	*port_used = info.port;
	return context;
}

int
main(void)
{
	static struct browser b;
	struct libwebsocket_context *server, *client;
	long deadline = era_deadline();
	int port, none, n = 0;

	era_make_file(page, sizeof(page), 3000);
	server = make_context(0, protocols, &port);
	client = make_context(CONTEXT_PORT_NO_LISTEN, client_protocols, &none);
	if (!server || !client) {
		lwsl_err("libwebsocket init failed\n");
		return 1;
	}
	CHECK(none == CONTEXT_PORT_NO_LISTEN);
	browser_ask(&b, port, pipelined);
	CHECK(libwebsocket_client_connect(client, "localhost", port, 0, "/",
			libwebsocket_canonical_hostname(client), NULL,
			client_protocols[1].name, -1) != NULL);

	while (n >= 0 && era_now() < deadline) {
		n = libwebsocket_service(server, 5);
		if (n >= 0)
			n = libwebsocket_service(client, 5);
		browser_look(&b);
		if (b.ended && closed_http && closed == 2)
			break;
	}
	CHECK(n == 0);
	check_replies(&b);
	CHECK(opened == 1 && mirrored == 1 && closed == 2);

	libwebsocket_context_destroy(client);
	libwebsocket_context_destroy(server);
	browser_close(&b);
	unlink(page);
	return era_result(b.ended && closed == 2, "all of it");
}
