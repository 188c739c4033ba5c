/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era100-extpoll.c - January 2013: a program that polls by itself.
 *
 * Of that time: protocols[0] is told of every descriptor in @user and of
 * events in @len, with a reason each for setting and clearing them.  A message
 * that no socket takes at once makes both come.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define MAX_POLL_ELEMENTS 100
#define BIG_LEN (8 * 1024 * 1024)

static struct pollfd pollfds[MAX_POLL_ELEMENTS];
static int count_pollfds;

static struct libwebsocket *wsi_client;
static size_t received, sum_sent, sum_received;
static int adds, dels, sets, clears, closed;

static struct pollfd *
find_pollfd(int fd)
{
	int n;

	for (n = 0; n < count_pollfds; n++)
		if (pollfds[n].fd == fd)
			return &pollfds[n];
	return NULL;
}

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	int fd = (int)(long)user;
	struct pollfd *pfd;

	(void)context;
	(void)wsi;
	(void)in;
	switch (reason) {
	/*
	 * callbacks for managing the external poll() array appear in
	 * protocol 0 callback
	 */
	case LWS_CALLBACK_ADD_POLL_FD:
		CHECK(find_pollfd(fd) == NULL);
		CHECK(fcntl(fd, F_GETFD) >= 0);
		CHECK(len && !(len & ~(size_t)(POLLIN | POLLOUT)));
		pollfds[count_pollfds].fd = fd;
		pollfds[count_pollfds].events = (short)len;
		pollfds[count_pollfds++].revents = 0;
		adds++;
		break;

	case LWS_CALLBACK_DEL_POLL_FD:
		pfd = find_pollfd(fd);
		CHECK(fcntl(fd, F_GETFD) >= 0);
		if (CHECK(pfd != NULL))
			*pfd = pollfds[--count_pollfds];
		dels++;
		break;

	case LWS_CALLBACK_SET_MODE_POLL_FD:
		pfd = find_pollfd(fd);
		if (CHECK(pfd != NULL))
			pfd->events |= (short)len;
		sets++;
		break;

	case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
		pfd = find_pollfd(fd);
		if (CHECK(pfd != NULL))
			pfd->events &= (short)~(short)len;
		clears++;
		break;

	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
	case LWS_CALLBACK_LOCK_POLL:
	case LWS_CALLBACK_UNLOCK_POLL:
		CHECK(!"a reason nobody knew yet");
		break;

	default:
		break;
	}
	return 0;
}

static int
send_big(struct libwebsocket *wsi)
{
	unsigned char *buf = malloc(LWS_SEND_BUFFER_PRE_PADDING + BIG_LEN +
				    LWS_SEND_BUFFER_POST_PADDING);
	unsigned char *p = &buf[LWS_SEND_BUFFER_PRE_PADDING];
	size_t n;
	int m;

	for (n = 0; n < BIG_LEN; n++) {
		p[n] = (unsigned char)(n ^ n >> 8 ^ n >> 16);
		sum_sent += p[n] * (n & 0xff);
	}
	m = libwebsocket_write(wsi, p, BIG_LEN, LWS_WRITE_BINARY);
	free(buf);
	CHECK(m == 0);
	CHECK(lws_send_pipe_choked(wsi));
	return m;
}

static int
callback_big(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     enum libwebsocket_callback_reasons reason, void *user, void *in,
	     size_t len)
{
	size_t n;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (!sum_sent)
			return send_big(wsi);
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		for (n = 0; n < len; n++)
			sum_received += ((unsigned char *)in)[n] *
					((received + n) & 0xff);
		received += len;
		if (libwebsockets_remaining_packet_payload(wsi) == 0) {
			CHECK(libwebsocket_is_final_fragment(wsi));
			CHECK(received == BIG_LEN);
			/* end the connection from this side */
			return -1;
		}
		CHECK(libwebsockets_remaining_packet_payload(wsi) ==
		      BIG_LEN - received);
		break;

	case LWS_CALLBACK_CLOSED:
		if (wsi == wsi_client)
			wsi_client = NULL;
		closed++;
		break;

	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		CHECK(!"a connection error");
		wsi_client = NULL;
		break;

	default:
		break;
	}
	return 0;
}

static struct libwebsocket_protocols protocols[] = {
	{ "http-only", callback_http, 0 },
	{ "big", callback_big, 4 },
	{ NULL, NULL, 0 }
};

/* -1 when the library wants the loop to end */
static int
poll_and_serve(struct libwebsocket_context *context)
{
	int n = poll(pollfds, (nfds_t)count_pollfds, 50);

	if (n < 0)
		return -1;
	if (n == 0)
		return libwebsocket_service_fd(context, NULL);
	for (n = 0; n < count_pollfds; n++)
		if (pollfds[n].revents)
			/*
			 * returns immediately if the fd does not match
			 * anything under libwebsockets control
			 */
			if (libwebsocket_service_fd(context, &pollfds[n]) < 0)
				return -1;
	return 0;
}

int
main(void)
{
	struct libwebsocket_context *context;
	long deadline = era_deadline();
	int port = era_free_port();
	int n = 0;

	context = libwebsocket_create_context(port, NULL, protocols, NULL, NULL,
					      NULL, NULL, -1, -1, 0, NULL);
	if (context == NULL) {
		fprintf(stderr, "libwebsocket init failed\n");
		return 1;
	}
	/* the listener at least */
	CHECK(count_pollfds >= 1);

	wsi_client = libwebsocket_client_connect(context, "127.0.0.1", port, 0,
			"/", "localhost", NULL, "big", -1);
	if (!CHECK(wsi_client != NULL))
		return 1;
	CHECK(find_pollfd(libwebsocket_get_socket_fd(wsi_client)) != NULL);

	while (n >= 0 && closed < 2 && era_now() < deadline)
		n = poll_and_serve(context);

	CHECK(n >= 0);
	CHECK(received == BIG_LEN);
	CHECK(sum_received == sum_sent);
	CHECK(sets > 0);
	CHECK(clears > 0);

	libwebsocket_context_destroy(context);
	CHECK(count_pollfds == 0);
	CHECK(adds == dels);
	return era_result(closed == 2, "both ends closing");
}
