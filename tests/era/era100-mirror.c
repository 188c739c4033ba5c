/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era100-mirror.c - January 2013: pages by HTTP, and a mirror.
 *
 * Of that time: libwebsockets_serve_http_file() with four arguments, a URI
 * with its query, LWS_CALLBACK_HTTP_FILE_COMPLETION to close, no masks when
 * told so (the option that was for tests), a listener hanging up on a client.
 */
#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define CLIENTS	 2
#define MESSAGES 24
#define RINGBUF	 64

static char page[256];
static struct libwebsocket *wsi_mirror[CLIENTS];
static int established, sent[CLIENTS], seen[CLIENTS], order[CLIENTS][RINGBUF];
static int pages, completions, dropped, hung_up, closed_server, closed_client;

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	(void)user;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		CHECK(len == strlen((char *)in));
		if (!strncmp((char *)in, "/drop", 5)) {
			dropped++;
			return 1;
		}
		CHECK(!strcmp((char *)in, "/page.html?colour=red&n=1"));
		pages++;
		if (libwebsockets_serve_http_file(context, wsi, page,
						  "text/html"))
			CHECK(!"Failed to send HTTP file");
		/*
		 * the sending of the file completes asynchronously, a
		 * LWS_CALLBACK_HTTP_FILE_COMPLETION comes when it is done
		 */
		break;

	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		completions++;
		/* kill the connection after we sent one file */
		return 1;

	default:
		break;
	}
	return 0;
}

/* mirror: what any client sends goes to all of them, in one order */
struct per_session_data__lws_mirror {
	struct libwebsocket *wsi;
	int ringbuffer_tail;
};

static struct {
	unsigned char *payload;
	size_t len;
} ringbuffer[RINGBUF];
static int ringbuffer_head;

static int
mirror_write(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     struct per_session_data__lws_mirror *pss)
{
	int n;

	if (pss->ringbuffer_tail == ringbuffer_head)
		return 0;
	n = libwebsocket_write(wsi,
			ringbuffer[pss->ringbuffer_tail].payload +
				LWS_SEND_BUFFER_PRE_PADDING,
			ringbuffer[pss->ringbuffer_tail].len, LWS_WRITE_TEXT);
	CHECK(n == 0);
	if (n < 0)
		return 1;
	pss->ringbuffer_tail++;
	if (pss->ringbuffer_tail == ringbuffer_head)
		libwebsocket_rx_flow_control(wsi, 1);
	else
		libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

static void
mirror_receive(struct libwebsocket *wsi, void *in, size_t len)
{
	unsigned char *copy = malloc(LWS_SEND_BUFFER_PRE_PADDING + len +
				     LWS_SEND_BUFFER_POST_PADDING);

	memcpy(copy + LWS_SEND_BUFFER_PRE_PADDING, in, len);
	ringbuffer[ringbuffer_head].payload = copy;
	ringbuffer[ringbuffer_head++].len = len;

	/* one at a time: no more from here until it is mirrored */
	libwebsocket_rx_flow_control(wsi, 0);
	libwebsocket_callback_on_writable_all_protocol(
		libwebsockets_get_protocol(wsi));
}

static int
client_number(struct libwebsocket *wsi)
{
	return wsi == wsi_mirror[1];
}

static int
client_write(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 64 +
			  LWS_SEND_BUFFER_POST_PADDING];
	char *p = (char *)&buf[LWS_SEND_BUFFER_PRE_PADDING];
	int i = client_number(wsi);
	int n;

	if (established < 2 * CLIENTS || sent[i] == MESSAGES)
		return 0;
	n = sprintf(p, "c #%06X %d %d %d;", i * 1000 + sent[i], i, sent[i], 7);
	n = libwebsocket_write(wsi, (unsigned char *)p, (size_t)n,
			       LWS_WRITE_TEXT);
	CHECK(n == 0);
	if (++sent[i] < MESSAGES)
		libwebsocket_callback_on_writable(context, wsi);
	return n;
}

static int
callback_lws_mirror(struct libwebsocket_context *context,
		    struct libwebsocket *wsi,
		    enum libwebsocket_callback_reasons reason, void *user,
		    void *in, size_t len)
{
	struct per_session_data__lws_mirror *pss = user;
	unsigned int colour;
	int i;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		pss->ringbuffer_tail = ringbuffer_head;
		pss->wsi = wsi;
		established++;
		libwebsocket_callback_on_writable_all_protocol(
			libwebsockets_get_protocol(wsi));
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		return mirror_write(context, wsi, pss);

	case LWS_CALLBACK_RECEIVE:
		mirror_receive(wsi, in, len);
		/* the last one: this server shows one of them the door */
		if (ringbuffer_head == 2 * MESSAGES)
			hung_up = libwebsocket_get_socket_fd(wsi);
		break;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		established++;
		libwebsocket_callback_on_writable_all_protocol(
			libwebsockets_get_protocol(wsi));
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return client_write(context, wsi);

	case LWS_CALLBACK_CLIENT_RECEIVE:
		i = client_number(wsi);
		CHECK(sscanf((char *)in, "c #%6X", &colour) == 1);
		order[i][seen[i]++] = (int)colour;
		break;

	case LWS_CALLBACK_CLOSED:
		for (i = 0; i < CLIENTS; i++)
			if (wsi == wsi_mirror[i]) {
				wsi_mirror[i] = NULL;
				closed_client++;
				return 0;
			}
		closed_server++;
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
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
		0
	},
	{
		"lws-mirror-protocol",
		callback_lws_mirror,
		sizeof(struct per_session_data__lws_mirror)
	},
	{
		NULL, NULL, 0
	}
};

static void
check_pages(struct browser *good, struct browser *bad)
{
	char *body = strstr(good->reply, "\015\012\015\012");

	CHECK(good->ended);
	CHECK(!strncmp(good->reply, "HTTP/1.", 7));
	CHECK(browser_has(good, " 200 "));
	CHECK(browser_has(good, "text/html"));
	CHECK(browser_has(good, "5000"));
	CHECK(body && strlen(body + 4) == 5000);
	CHECK(pages == 1 && completions == 1);

	CHECK(bad->ended && bad->len == 0);
	CHECK(dropped == 1);
}

static void
check_mirror(void)
{
	int i;

	for (i = 0; i < CLIENTS; i++) {
		CHECK(sent[i] == MESSAGES);
		CHECK(seen[i] == CLIENTS * MESSAGES);
	}
	CHECK(!memcmp(order[0], order[1], sizeof(order[0])));
}

int
main(void)
{
	static struct browser good, bad;
	struct libwebsocket_context *context;
	long deadline = era_deadline();
	int port = era_free_port();
	int n = 0, i;

	era_make_file(page, sizeof(page), 5000);
	context = libwebsocket_create_context(port, NULL, protocols, NULL, NULL,
			NULL, NULL, -1, -1,
			LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK |
				LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
			NULL);
	if (context == NULL) {
		fprintf(stderr, "libwebsocket init failed\n");
		return 1;
	}
	CHECK(!strcmp(libwebsocket_canonical_hostname(context), "unknown"));

	browser_ask(&good, port,
		    "GET /page.html?colour=red&n=1 HTTP/1.1\015\012"
		    "Host: localhost\015\012\015\012");
	browser_ask(&bad, port,
		    "GET /drop HTTP/1.1\015\012"
		    "Host: localhost\015\012\015\012");
	for (i = 0; i < CLIENTS; i++) {
		wsi_mirror[i] = libwebsocket_client_connect(context,
				"127.0.0.1", port, 0, "/", "localhost",
				"localhost", protocols[1].name, -1);
		if (!CHECK(wsi_mirror[i] != NULL))
			return 1;
	}

	while (n >= 0 && era_now() < deadline) {
		n = libwebsocket_service(context, 10);
		browser_look(&good);
		browser_look(&bad);
		if (hung_up && seen[0] == 2 * MESSAGES &&
		    seen[1] == 2 * MESSAGES) {
			libwebsockets_hangup_on_client(context, hung_up);
			hung_up = 0;
		}
		if (closed_server && closed_client && good.ended && bad.ended)
			break;
	}
	CHECK(n >= 0);
	check_pages(&good, &bad);
	check_mirror();
	CHECK(closed_server == 1 && closed_client == 1);

	libwebsocket_context_destroy(context);
	CHECK(closed_server == CLIENTS && closed_client == CLIENTS);
	browser_close(&good);
	browser_close(&bad);
	unlink(page);
	for (i = 0; i < ringbuffer_head; i++)
		free(ringbuffer[i].payload);
	return era_result(good.ended && closed_client == CLIENTS, "all of it");
}
