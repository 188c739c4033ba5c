/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era100-increment.c - January 2013: a server that counts, and its client.
 *
 * Of that time: creation from eleven arguments, a log sink that gets only the
 * line, the descriptor and the header table in @user, writes that return 0,
 * and a client that uses its connection as soon as it has the pointer.
 */
#include <stdio.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define LAST_NUMBER 5

static struct libwebsocket *wsi_dumb;
static int connected_asked, writeable_asked, lines, resets, numbers;
static int server_closed, client_closed, inits;

enum demo_protocols {
	/* always first */
	PROTOCOL_HTTP = 0,

	PROTOCOL_DUMB_INCREMENT,

	/* always last */
	DEMO_PROTOCOL_COUNT
};

static void
count_line(const char *line)
{
	/* the whole line, with the time and its kind in front of the text */
	if (strstr(line, "a line of our own")) {
		CHECK(line[0] == '[');
		CHECK(strstr(line, "WARN: a line") != NULL);
		lines++;
	} else
		fputs(line, stderr);
}

/* user is not a session here, but the table of what the browser sent */
static void
check_handshake_info(struct lws_tokens *lwst)
{
	static const char *const token_names[WSI_TOKEN_COUNT] = {
		[WSI_TOKEN_GET_URI] = "GET URI",
		[WSI_TOKEN_HOST] = "Host",
		[WSI_TOKEN_CONNECTION] = "Connection",
		[WSI_TOKEN_PROTOCOL] = "Protocol",
		[WSI_TOKEN_UPGRADE] = "Upgrade",
		[WSI_TOKEN_ORIGIN] = "Origin",
		[WSI_TOKEN_KEY] = "Key",
		[WSI_TOKEN_VERSION] = "Version",
	};
	int n;

	for (n = 0; n < WSI_TOKEN_COUNT; n++) {
		if (token_names[n])
			CHECK(lwst[n].token != NULL && lwst[n].token_len > 0);
		if (lwst[n].token == NULL)
			CHECK(lwst[n].token_len == 0);
	}
	if (era_faults)
		return;
	CHECK(!strncmp(lwst[WSI_TOKEN_GET_URI].token, "/count",
		       (size_t)lwst[WSI_TOKEN_GET_URI].token_len));
	CHECK(!strncmp(lwst[WSI_TOKEN_HOST].token, "example.com",
		       (size_t)lwst[WSI_TOKEN_HOST].token_len));
	/* verbatim: nothing was put in front of it in those days */
	CHECK(!strncmp(lwst[WSI_TOKEN_ORIGIN].token, "here.example.com",
		       (size_t)lwst[WSI_TOKEN_ORIGIN].token_len));
	CHECK(!strncmp(lwst[WSI_TOKEN_PROTOCOL].token,
		       "dumb-increment-protocol",
		       (size_t)lwst[WSI_TOKEN_PROTOCOL].token_len));
	CHECK(!strncmp(lwst[WSI_TOKEN_VERSION].token, "13",
		       (size_t)lwst[WSI_TOKEN_VERSION].token_len));
	CHECK(lwst[WSI_TOKEN_EXTENSIONS].token == NULL);
}

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	char client_name[128];
	char client_ip[128];

	(void)context;
	(void)wsi;
	(void)in;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		libwebsockets_get_peer_addresses((int)(long)user, client_name,
						 sizeof(client_name),
						 client_ip, sizeof(client_ip));
		CHECK(!strcmp(client_ip, "127.0.0.1"));
		break;
	case LWS_CALLBACK_PROTOCOL_INIT:
		inits++;
		break;
	default:
		break;
	}
	return 0;
}

struct per_session_data__dumb_increment {
	int number;
};

static int
callback_dumb_increment(struct libwebsocket_context *context,
			struct libwebsocket *wsi,
			enum libwebsocket_callback_reasons reason, void *user,
			void *in, size_t len)
{
	int n;
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + 512 +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	struct per_session_data__dumb_increment *pss = user;

	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		check_handshake_info((struct lws_tokens *)user);
		break;

	case LWS_CALLBACK_ESTABLISHED:
		CHECK(libwebsocket_ensure_user_space(wsi) == user);
		CHECK(pss->number == 0);
		break;

	/* in this callback, user is the per session data again */
	case LWS_CALLBACK_SERVER_WRITEABLE:
		n = sprintf((char *)p, "%d", pss->number++);
		n = libwebsocket_write(wsi, p, (size_t)n, LWS_WRITE_TEXT);
		CHECK(n == 0);
		if (n < 0) {
			fprintf(stderr, "ERROR writing to socket");
			return 1;
		}
		break;

	case LWS_CALLBACK_RECEIVE:
		if (len < 6)
			break;
		if (strcmp((const char *)in, "reset\n") == 0) {
			pss->number = 0;
			resets++;
		}
		break;

	/* the client's turn */
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		CHECK(wsi == wsi_dumb);
		CHECK(connected_asked);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		writeable_asked++;
		if (numbers != LAST_NUMBER || resets)
			break;
		memcpy(p, "reset\n", 6);
		CHECK(libwebsocket_write(wsi, p, 6, LWS_WRITE_TEXT) == 0);
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		((char *)in)[len] = '\0';
		if (!resets || strcmp((char *)in, "0"))
			numbers++;
		else if (numbers >= LAST_NUMBER) {
			libwebsocket_close_and_free_session(
				context, wsi, LWS_CLOSE_STATUS_NORMAL);
			break;
		}
		if (numbers == LAST_NUMBER)
			libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		client_closed++;
		break;

	case LWS_CALLBACK_CLOSED:
		if (wsi == wsi_dumb) {
			wsi_dumb = NULL;
			client_closed++;
		} else
			server_closed++;
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	/* first protocol must always be HTTP handler */
	{
		"http-only",		/* name */
		callback_http,		/* callback */
		0			/* per_session_data_size */
	},
	{
		"dumb-increment-protocol",
		callback_dumb_increment,
		sizeof(struct per_session_data__dumb_increment),
	},
	{
		NULL, NULL, 0		/* End of list */
	}
};

int
main(void)
{
	struct libwebsocket_context *context;
	long deadline = era_deadline();
	int port = era_free_port();
	int n = 0;

	lws_set_log_level(LLL_ERR | LLL_WARN, count_line);
	lwsl_warn("a line of our own\n");
	CHECK(lines == 1);

	context = libwebsocket_create_context(port, NULL, protocols, NULL, NULL,
					      NULL, NULL, -1, -1, 0, &port);
	if (context == NULL) {
		fprintf(stderr, "libwebsocket init failed\n");
		return 1;
	}
	CHECK(inits == 1);
	CHECK(libwebsocket_context_user(context) == &port);
	CHECK(protocols[PROTOCOL_DUMB_INCREMENT].owning_server == context);
	CHECK(protocols[PROTOCOL_DUMB_INCREMENT].protocol_index == 1);

	wsi_dumb = libwebsocket_client_connect(context, "127.0.0.1", port, 0,
			"/count", "example.com", "here.example.com",
			protocols[PROTOCOL_DUMB_INCREMENT].name, -1);
	if (wsi_dumb == NULL) {
		fprintf(stderr, "libwebsocket dumb connect failed\n");
		return 1;
	}
	CHECK(libwebsocket_get_socket_fd(wsi_dumb) >= 0);

	/* long before it is established; must not get lost */
	connected_asked = 1;
	CHECK(libwebsocket_callback_on_writable(context, wsi_dumb) == 1);

	while (n >= 0 && !(client_closed && server_closed)) {
		if (era_now() > deadline)
			break;
		n = libwebsocket_service(context, 10);
		libwebsocket_callback_on_writable_all_protocol(
				&protocols[PROTOCOL_DUMB_INCREMENT]);
	}
	CHECK(n == 0);
	CHECK(writeable_asked > 0);
	CHECK(numbers >= LAST_NUMBER);
	CHECK(resets == 1);

	libwebsocket_context_destroy(context);

	CHECK(client_closed == 1);
	CHECK(server_closed == 1);
	return era_result(client_closed && server_closed, "closing");
}
