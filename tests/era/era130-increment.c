/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era130-increment.c - mid 2014: a server that counts, and its client.
 *
 * Of that time: the creation info with a port of 0 that is filled in, writes
 * that return bytes, the descriptor in @in, user data of the application's
 * own, reasons of the application's own, and a fifth member of a protocol that
 * has since become another one.  Server and client are contexts of their own.
 */
#include <stdio.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#ifndef LWS_FEATURE_SERVE_HTTP_FILE_HAS_OTHER_HEADERS_ARG
#error "this is for the interface of 1.3"
#endif
#ifdef LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
#error "and for none later"
#endif

#define LAST_NUMBER 6
#define REASON_OF_OURS (LWS_CALLBACK_USER + 7)

static struct libwebsocket *wsi_dumb;
static struct { int magic; } client_data = { 4711 };
static int numbers, resets, was_called, log_lines;
static int inits, destroys, creates, instantiated, wsi_destroys, filtered;
static int established, closed_server, closed_client;

static void
count_line(int level, const char *line)
{
	/* only the text: what goes in front of it is the sink's business */
	if (level == LLL_NOTICE && !strcmp(line, "a line of our own\n"))
		log_lines++;
	else if (level & (LLL_ERR | LLL_WARN))
		fputs(line, stderr);
}

/* what is the same in the server's and in the client's context */
static void
count_lives(enum libwebsocket_callback_reasons reason, void *in)
{
	char client_name[128] = "?", client_ip[128] = "?";

	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		inits++;
		break;
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		destroys++;
		break;
	case LWS_CALLBACK_WSI_CREATE:
		creates++;
		break;
	case LWS_CALLBACK_WSI_DESTROY:
		wsi_destroys++;
		break;
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		instantiated++;
		break;
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		libwebsockets_get_peer_addresses(NULL, NULL, (int)(long)in,
						 client_name,
						 sizeof(client_name),
						 client_ip, sizeof(client_ip));
		CHECK(!strcmp(client_ip, "127.0.0.1"));
		filtered++;
		break;
	default:
		break;
	}
}

struct per_session_data__dumb_increment {
	int number;
};

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	(void)context;
	(void)wsi;
	(void)user;
	(void)len;
	count_lives(reason, in);
	return 0;
}

static void
check_request(struct libwebsocket *wsi, void *in, size_t len)
{
	char buf[64];

	CHECK(len == strlen("dumb-increment-protocol"));
	CHECK(in && !strcmp((char *)in, "dumb-increment-protocol"));
	CHECK(lws_hdr_total_length(wsi, WSI_TOKEN_HOST) == 11);
	CHECK(lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_HOST) == 11);
	CHECK(!strcmp(buf, "example.com"));
	CHECK(lws_hdr_copy(wsi, buf, 11, WSI_TOKEN_HOST) == -1);
	/* a name alone became a URL in those days */
	CHECK(lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_ORIGIN) > 0);
	CHECK(!strcmp(buf, "http://here.example.com"));
	CHECK(lws_hdr_copy(wsi, buf, sizeof(buf), WSI_TOKEN_GET_URI) > 0);
	CHECK(!strcmp(buf, "/count"));
	CHECK(lws_hdr_total_length(wsi, WSI_TOKEN_EXTENSIONS) == 0);
}

static int
callback_dumb_increment(struct libwebsocket_context *context,
			struct libwebsocket *wsi,
			enum libwebsocket_callback_reasons reason, void *user,
			void *in, size_t len)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 512 +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	struct per_session_data__dumb_increment *pss =
		(struct per_session_data__dumb_increment *)user;
	int m, n;

	(void)context;
	count_lives(reason, in);
	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		check_request(wsi, in, len);
		break;

	case LWS_CALLBACK_ESTABLISHED:
		CHECK(pss->number == 0);
		established++;
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		n = sprintf((char *)p, "%d", pss->number++);
		m = libwebsocket_write(wsi, p, (size_t)n, LWS_WRITE_TEXT);
		CHECK(m == n);
		if (m < n) {
			lwsl_err("ERROR %d writing to di socket\n", n);
			return -1;
		}
		break;

	case LWS_CALLBACK_RECEIVE:
		CHECK(!lws_frame_is_binary(wsi));
		if (len < 6)
			break;
		if (strcmp((const char *)in, "reset\n") == 0) {
			pss->number = 0;
			resets++;
		}
		break;

	case LWS_CALLBACK_CLOSED:
		closed_server++;
		break;

	default:
		break;
	}
	if (reason == (enum libwebsocket_callback_reasons)REASON_OF_OURS) {
		CHECK(in == NULL && len == 0);
		was_called++;
	}
	return 0;
}

static int
callback_client(struct libwebsocket_context *context,
		struct libwebsocket *wsi,
		enum libwebsocket_callback_reasons reason, void *user,
		void *in, size_t len)
{
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 16 +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];

	count_lives(reason, in);
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(user == &client_data);
		CHECK(wsi == wsi_dumb);
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(user == &client_data && client_data.magic == 4711);
		((char *)in)[len] = '\0';
		if (resets && !strcmp((char *)in, "0"))
			return -1;
		if (++numbers == LAST_NUMBER)
			libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		if (numbers < LAST_NUMBER || resets)
			break;
		memcpy(p, "reset\n", 6);
		CHECK(libwebsocket_write(wsi, p, 6, LWS_WRITE_TEXT) == 6);
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		wsi_dumb = NULL;
		closed_client++;
		break;

	case LWS_CALLBACK_CLOSED:
		CHECK(user == &client_data);
		wsi_dumb = NULL;
		closed_client++;
		break;

	default:
		break;
	}
	return 0;
}

/* list of supported protocols and callbacks */
static struct libwebsocket_protocols protocols[] = {
	/* first protocol must always be HTTP handler */
	{
		"http-only",		/* name */
		callback_http,		/* callback */
		0,			/* per_session_data_size */
		0,			/* max frame size / rx buffer */
	},
	{
		"dumb-increment-protocol",
		callback_dumb_increment,
		sizeof(struct per_session_data__dumb_increment),
		10,
		1,			/* no_buffer_all_partial_tx, then */
	},
	{ NULL, NULL, 0, 0 } /* terminator */
};

static struct libwebsocket_protocols client_protocols[] = {
	{
		"dumb-increment-protocol",
		callback_client,
		0,
		20,
	},
	{ NULL, NULL, 0, 0 } /* end */
};

static struct libwebsocket_context *
make_server(int *port)
{
	struct libwebsocket_context *context;
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = 0;
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	info.user = &numbers;
	context = libwebsocket_create_context(&info);
	CHECK(info.port > 0);
	*port = info.port;
	return context;
}

static struct libwebsocket_context *
make_client(void)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof info);
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = client_protocols;
	info.gid = -1;
	info.uid = -1;
	return libwebsocket_create_context(&info);
}

int
main(void)
{
	struct libwebsocket_context *server, *client;
	long deadline = era_deadline();
	int port, n = 0;

	CHECK(ARRAY_SIZE(protocols) == 3);
	CHECK(protocols[1].no_buffer_all_partial_tx == 0);
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, count_line);
	lwsl_notice("a line of %s own\n", "our");
	CHECK(log_lines == 1);

	server = make_server(&port);
	client = make_client();
	if (server == NULL || client == NULL) {
		lwsl_err("libwebsocket init failed\n");
		return 1;
	}
	CHECK(inits == 3);
	CHECK(libwebsocket_context_user(server) == &numbers);
	CHECK(libwebsocket_context_user(client) == NULL);

	wsi_dumb = libwebsocket_client_connect_extended(client, "127.0.0.1",
			port, 0, "/count", "example.com", "here.example.com",
			"dumb-increment-protocol", -1, &client_data);
	if (wsi_dumb == NULL) {
		lwsl_err("libwebsocket connect failed\n");
		return 1;
	}

	while (n >= 0 && !(closed_server && closed_client)) {
		if (era_now() > deadline)
			break;
		n = libwebsocket_service(server, 5);
		if (n >= 0)
			n = libwebsocket_service(client, 5);
		libwebsocket_callback_on_writable_all_protocol(&protocols[1]);
		if (established && !was_called)
			libwebsocket_callback_all_protocol(&protocols[1],
							   REASON_OF_OURS);
	}
	CHECK(n == 0);
	CHECK(was_called == 1);
	CHECK(numbers >= LAST_NUMBER && resets == 1);

	libwebsocket_context_destroy(client);
	libwebsocket_context_destroy(server);
	CHECK(inits == 3 && destroys == 3);
	CHECK(filtered == 1 && instantiated == 1);
	CHECK(creates == 2 && wsi_destroys == 2);
	CHECK(closed_server == 1 && closed_client == 1);
	return era_result(closed_server && closed_client, "closing");
}
