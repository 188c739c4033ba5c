/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era140-echo.c - early 2015: a server that echoes, and its client.
 *
 * Of that time: id and user in a protocol, an allocator of the application's
 * own, partial writes one can ask for, and code that looks which interface it
 * has.  Everything is in one context with one protocol.
 */
#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define MAX_ECHO_PAYLOAD 1400
#define ROUNDS 6

static struct libwebsocket *wsi_echo;
static int of_ours, inits, opened, rounds, pongs, done_server, done_client;
static long blocks;

struct per_session_data__echo {
	unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING + MAX_ECHO_PAYLOAD +
			  LWS_SEND_BUFFER_POST_PADDING];
	unsigned int len;
	unsigned int index;
	int binary;
};

/* how long the message of a round is, and of which kind: text is even */
static const unsigned int lengths[ROUNDS] = { 0, 1, 125, 126, 1399, 1400 };

static int
send_round(struct libwebsocket *wsi)
{
	static unsigned char buf[LWS_SEND_BUFFER_PRE_PADDING +
				 MAX_ECHO_PAYLOAD +
				 LWS_SEND_BUFFER_POST_PADDING];
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	unsigned int len = lengths[rounds];
	int n;

	memset(p, 'A' + rounds, len);
	n = libwebsocket_write(wsi, p, len,
			       rounds & 1 ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
	CHECK(n == (int)len);
	if (n < 0)
		return -1;
	memcpy(p, "are you there", 13);
	CHECK(libwebsocket_write(wsi, p, 13, LWS_WRITE_PING) == 13);
	/* and what is not allowed */
	CHECK(libwebsocket_write(wsi, p, 126, LWS_WRITE_PING) == -1);
	return 0;
}

static void
check_round(struct libwebsocket *wsi, unsigned char *in, size_t len)
{
	CHECK(len == lengths[rounds]);
	CHECK(lws_frame_is_binary(wsi) == (rounds & 1));
	CHECK(in != NULL && in[len] == '\0');
	CHECK(!len || (in[0] == 'A' + rounds && in[len - 1] == 'A' + rounds));
	CHECK(libwebsocket_get_reserved_bits(wsi) == 0);
	rounds++;
}

static int
echo_write(struct libwebsocket *wsi, struct per_session_data__echo *pss)
{
	int n;

	CHECK(!lws_partial_buffered(wsi));
	n = libwebsocket_write(wsi, &pss->buf[LWS_SEND_BUFFER_PRE_PADDING],
			       pss->len,
			       pss->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
	if (n < 0) {
		lwsl_err("ERROR %d writing to socket, hanging up\n", n);
		return -1;
	}
	if (n < (int)pss->len) {
		lwsl_err("Partial write\n");
		CHECK(!"all of it is taken");
		return -1;
	}
	pss->len = (unsigned int)-1;
	return 0;
}

static void
echo_established(struct libwebsocket *wsi, struct per_session_data__echo *pss)
{
	const struct libwebsocket_protocols *protocol =
		libwebsockets_get_protocol(wsi);
	char name[128], rip[128];

	CHECK(protocol->id == 42 && protocol->user == &of_ours);
	CHECK(protocol->protocol_index == 0);
	CHECK(!lws_is_ssl(wsi));
	CHECK(lws_get_peer_write_allowance(wsi) == (size_t)-1);
	CHECK(!lws_send_pipe_choked(wsi));
	libwebsockets_get_peer_addresses(protocol->owning_server, wsi,
					 libwebsocket_get_socket_fd(wsi), name,
					 sizeof(name), rip, sizeof(rip));
	CHECK(!strcmp(rip, "127.0.0.1"));
	CHECK(pss->len == 0 && pss->index == 0);
	pss->len = (unsigned int)-1;
	opened++;
}

static int
callback_echo(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct per_session_data__echo *pss =
		(struct per_session_data__echo *)user;

	switch (reason) {
	case LWS_CALLBACK_PROTOCOL_INIT:
		CHECK(wsi == NULL && user == NULL);
		inits++;
		break;

	/* when the callback is used for server operations --> */
	case LWS_CALLBACK_ESTABLISHED:
		echo_established(wsi, pss);
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (pss->len != (unsigned int)-1)
			return echo_write(wsi, pss);
		break;

	case LWS_CALLBACK_RECEIVE:
		if (!CHECK(len <= MAX_ECHO_PAYLOAD))
			return -1;
		memcpy(&pss->buf[LWS_SEND_BUFFER_PRE_PADDING], in, len);
		pss->len = (unsigned int)len;
		pss->binary = lws_frame_is_binary(wsi);
		libwebsocket_callback_on_writable(context, wsi);
		break;

	/* when the callback is used for client operations --> */
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		opened++;
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_WRITEABLE:
		/* once a round, however often this comes */
		if (rounds == pongs && rounds < ROUNDS &&
		    pss->index == (unsigned int)rounds) {
			pss->index++;
			return send_round(wsi);
		}
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		CHECK(len == 13 && !memcmp(in, "are you there", 13));
		pongs++;
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		check_round(wsi, (unsigned char *)in, len);
		if (rounds == ROUNDS)
			return -1;
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		done_client++;
		break;

	case LWS_CALLBACK_CLOSED:
		if (wsi == wsi_echo)
			done_client++;
		else
			done_server++;
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	/* first protocol must always be HTTP handler */

	{
		"default",		/* name */
		callback_echo,		/* callback */
		sizeof(struct per_session_data__echo),
		MAX_ECHO_PAYLOAD,	/* rx_buffer_size */
#ifdef LWS_FEATURE_PROTOCOLS_HAS_ID_FIELD
		42,
		&of_ours,
#endif
	},
	{
		NULL, NULL, 0, 0, 0, NULL	/* End of list */
	}
};

/* counts what is not given back */
static void *
our_realloc(void *ptr, size_t size)
{
	if (!size) {
		blocks -= ptr != NULL;
		free(ptr);
		return NULL;
	}
	blocks += ptr == NULL;
	return realloc(ptr, size);
}

int
main(void)
{
	struct libwebsocket_context *context;
	struct lws_context_creation_info info;
	long deadline = era_deadline();
	char address[256], ads_port[300];
	int n = 0;

	lws_set_allocator(our_realloc);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	CHECK(strchr(lws_get_library_version(), ' ') != NULL);

	memset(&info, 0, sizeof info);
	info.protocols = protocols;
#ifndef LWS_NO_EXTENSIONS
	info.extensions = libwebsocket_get_internal_extensions();
#endif
	info.gid = -1;
	info.uid = -1;
	info.ka_time = 30;
	info.ka_probes = 3;
	info.ka_interval = 5;
	context = libwebsocket_create_context(&info);
	if (context == NULL) {
		lwsl_err("libwebsocket init failed\n");
		return -1;
	}
	CHECK(blocks > 0);
	CHECK(inits == 1);

	/* we are in client mode as well */
	strcpy(address, "127.0.0.1");
	snprintf(ads_port, sizeof(ads_port), "%s:%u", address,
		 (unsigned int)(info.port & 65535));
	wsi_echo = libwebsocket_client_connect(context, address, info.port, 0,
			"/", ads_port, ads_port, NULL, -1);
	if (!wsi_echo) {
		lwsl_err("Client failed to connect to %s\n", ads_port);
		return 1;
	}
	/* the caller's again */
	memset(address, 0, sizeof(address));
	memset(ads_port, 0, sizeof(ads_port));

	while (n >= 0 && !(done_server && done_client) &&
	       era_now() < deadline)
		n = libwebsocket_service(context, 10);
	CHECK(n == 0);
	CHECK(opened == 2);
	CHECK(rounds == ROUNDS);
	CHECK(pongs >= ROUNDS - 1);

	libwebsocket_context_destroy(context);
	libwebsocket_context_destroy(NULL);
	CHECK(done_client == 1 && done_server == 1);
	CHECK(blocks == 0);
	return era_result(done_client && done_server, "closing");
}
