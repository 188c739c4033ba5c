/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/between.c - the eras that have no programs of their own here.
 *
 * Compiled for 100, 110, 120 and 123, it expects of each callback what section
 * LWS_API_ERA at the end of libwebsockets.h says.  A client context that does
 * not listen talks to a server; another client finds nobody.
 */
#include <poll.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#if LWS_API_ERA < 123
#define FD_OF(user, in) ((int)(long)(user))
#define WRITTEN(len) 0
#define ORIGIN "here.example.com"
#else
#define FD_OF(user, in) ((int)(long)(in))
#define WRITTEN(len) ((int)(len))
#define ORIGIN "http://here.example.com"
#endif

/* who hears that nobody answered: the first that was offered, or protocol 0 */
#if LWS_API_ERA == 100
#define TOLD "second"
#elif LWS_API_ERA >= 120
#define TOLD "first"
#endif

static char page[256];
static struct libwebsocket *wsi_client, *wsi_lost;
static struct libwebsocket_context *client_context;
static int filtered, requested, pages, completions, echoed, errors;
static int adds, dels, adds_wsi, closed_server, closed_client, log_lines;

#if LWS_API_ERA < 110
static void
sink(const char *line)
{
	log_lines += line[0] == '[' && strstr(line, "] WARN: a line\n") != NULL;
}
#else
static void
sink(int level, const char *line)
{
	log_lines += level == LLL_WARN && !strcmp(line, "a line\n");
}
#endif

static void
check_poll(struct libwebsocket *wsi, enum libwebsocket_callback_reasons reason,
	   int fd, size_t len)
{
	CHECK(fcntl(fd, F_GETFD) >= 0);
	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
		CHECK(len && !(len & ~(size_t)(POLLIN | POLLOUT)));
		/* the others only wake a loop */
		adds_wsi += wsi != NULL;
		adds++;
		break;
	case LWS_CALLBACK_DEL_POLL_FD:
		dels++;
		break;
	default:
		CHECK(len == POLLIN || len == POLLOUT);
		break;
	}
}

static void
check_header(struct libwebsocket *wsi, enum lws_token_indexes token,
	     const char *value)
{
	char buf[64];

	CHECK(lws_hdr_copy(wsi, buf, sizeof(buf), token) ==
	      (int)strlen(value));
	CHECK(!strcmp(buf, value));
}

static void
check_request(struct libwebsocket *wsi, void *user, void *in, size_t len)
{
#if LWS_API_ERA < 120
	struct lws_tokens *tokens = (struct lws_tokens *)user;

	(void)in;
	(void)len;
	CHECK(tokens[WSI_TOKEN_PROTOCOL].token_len == 12);
	CHECK(!strncmp(tokens[WSI_TOKEN_PROTOCOL].token, "second,first", 12));
	CHECK(tokens[WSI_TOKEN_DRAFT].token == NULL);
	CHECK(tokens[WSI_TOKEN_DRAFT].token_len == 0);
#elif LWS_API_ERA < 123
	(void)len;
	CHECK(in == NULL);
	CHECK(user && !strcmp((char *)user, "second,first"));
#else
	CHECK(in && !strcmp((char *)in, "second,first") && len == 12);
	CHECK(user && *(int *)user == 0);
#endif
	check_header(wsi, WSI_TOKEN_ORIGIN, ORIGIN);
	requested++;
}

static int
callback_first(struct libwebsocket_context *context, struct libwebsocket *wsi,
	       enum libwebsocket_callback_reasons reason, void *user, void *in,
	       size_t len)
{
	char name[64], rip[64];

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_DEL_POLL_FD:
	case LWS_CALLBACK_SET_MODE_POLL_FD:
	case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
		check_poll(wsi, reason, FD_OF(user, in), len);
		break;

	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
	case LWS_CALLBACK_LOCK_POLL:
	case LWS_CALLBACK_UNLOCK_POLL:
		CHECK(!"a reason nobody knew yet");
		break;

	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
#if LWS_API_ERA < 110
		libwebsockets_get_peer_addresses(FD_OF(user, in), name,
						 sizeof(name), rip,
						 sizeof(rip));
#else
		libwebsockets_get_peer_addresses(context, wsi, FD_OF(user, in),
						 name, sizeof(name), rip,
						 sizeof(rip));
#endif
		CHECK(!strcmp(rip, "127.0.0.1"));
		filtered++;
		break;

	case LWS_CALLBACK_HTTP:
		pages++;
		CHECK(!strcmp((char *)in, "/page?a=b"));
		CHECK(len == strlen("/page?a=b"));
		if (libwebsockets_serve_http_file(context, wsi, page,
						  "text/plain"))
			return 1; /* completed or failed, either way close */
		break;

	case LWS_CALLBACK_HTTP_FILE_COMPLETION:
		completions++;
		/* kill the connection after we sent one file */
		return 1;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
#ifdef TOLD
		CHECK(!strcmp(TOLD, "first"));
#endif
		CHECK(wsi == wsi_lost);
		errors++;
		break;

	default:
		break;
	}
	return 0;
}

static int
callback_second(struct libwebsocket_context *context, struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user,
		void *in, size_t len)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 5 +
			  LWS_SEND_BUFFER_POST_PADDING];

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		check_request(wsi, user, in, len);
		break;

	case LWS_CALLBACK_RECEIVE:
		CHECK(libwebsocket_write(wsi, (unsigned char *)in, len,
					 LWS_WRITE_TEXT) == WRITTEN(len));
		break;

	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (echoed)
			break;
		memcpy(&buf[LWS_SEND_BUFFER_PRE_PADDING], "hello", 5);
		CHECK(libwebsocket_write(wsi, &buf[LWS_SEND_BUFFER_PRE_PADDING],
					 5, LWS_WRITE_TEXT) == WRITTEN(5));
		/* what cannot be sent is an error in every era */
		CHECK(libwebsocket_write(wsi, &buf[LWS_SEND_BUFFER_PRE_PADDING],
					 126, LWS_WRITE_PONG) < 0);
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(len == 5 && !memcmp(in, "hello", 5));
		echoed++;
		return -1;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
#ifdef TOLD
		CHECK(!strcmp(TOLD, "second"));
#endif
		CHECK(wsi == wsi_lost);
		errors++;
		break;

	case LWS_CALLBACK_CLOSED:
		if (wsi == wsi_client)
			closed_client++;
		else
			closed_server++;
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols server_protocols[] = {
	{ "first", callback_first, 0 },
	{ "second", callback_second, sizeof(int) },
	{ NULL, NULL, 0 }
};

static struct libwebsocket_protocols client_protocols[] = {
	{ "first", callback_first, 0 },
	{ "second", callback_second, 0 },
	{ NULL, NULL, 0 }
};

static struct libwebsocket_context *
make_context(int port, struct libwebsocket_protocols *protocols)
{
#if LWS_API_ERA < 120
	return libwebsocket_create_context(port, NULL, protocols, NULL, NULL,
					   NULL, NULL, -1, -1, 0, NULL);
#else
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = port;
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	return libwebsocket_create_context(&info);
#endif
}

static struct libwebsocket *
make_client(int port)
{
	struct libwebsocket *wsi = libwebsocket_client_connect(client_context,
			"127.0.0.1", port, 0, "/", "localhost",
			"here.example.com", "second,first", -1);

	CHECK(wsi && libwebsocket_get_socket_fd(wsi) >= 0);
	return wsi;
}

int
main(void)
{
	static struct browser b;
	struct libwebsocket_context *server;
	long deadline = era_deadline();
	int port = era_free_port();
	int nobody, n = 0;

	lws_set_log_level(LLL_ERR | LLL_WARN, sink);
	lwsl_warn("a line\n");
	CHECK(log_lines == 1);

	era_make_file(page, sizeof(page), 700);
	server = make_context(port, server_protocols);
	client_context = make_context(CONTEXT_PORT_NO_LISTEN, client_protocols);
	if (!CHECK(server && client_context))
		return 1;

	/* one listener: port 0 was none */
	CHECK(adds_wsi == 1);
	wsi_client = make_client(port);
	nobody = era_free_port();
	wsi_lost = make_client(nobody);
	CHECK(adds_wsi == 3);
	browser_ask(&b, port, "GET /page?a=b HTTP/1.1\015\012"
			      "Host: localhost\015\012\015\012");
	while (n >= 0 && era_now() < deadline) {
		n = libwebsocket_service(server, 5);
		if (n >= 0)
			n = libwebsocket_service(client_context, 5);
		browser_look(&b);
		if (b.ended && errors && closed_server && closed_client)
			break;
	}
	CHECK(n == 0);
	CHECK(filtered == 2 && requested == 1 && echoed == 1 && errors == 1);
	CHECK(pages == 1 && completions == 1 && browser_has(&b, " 200 "));

	libwebsocket_context_destroy(client_context);
	libwebsocket_context_destroy(server);
	CHECK(adds == dels);
	CHECK(closed_server == 1 && closed_client == 1);
	browser_close(&b);
	unlink(page);
	return era_result(b.ended && errors && closed_client, "all of it");
}
