/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era130-extpoll.c - mid 2014: a program that polls by itself.
 *
 * Of that time: struct libwebsocket_pollargs, one reason for every change of
 * events, a lock around each, and libwebsocket_cancel_service() from another
 * thread.  The program polls a pipe of its own in the same array.
 */
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include "libwebsockets.h"
#include "era.h"

#define MAX_POLL_ELEMENTS 100
#define BIG_LEN (8 * 1024 * 1024)

static struct libwebsocket_pollfd pollfds[MAX_POLL_ELEMENTS];
static int count_pollfds, locked, serving_thread = 1;

static struct libwebsocket *wsi_client;
static unsigned char big[LWS_SEND_BUFFER_PRE_PADDING + BIG_LEN +
			 LWS_SEND_BUFFER_POST_PADDING];
static size_t received;
static int adds, dels, changes, wakes, big_sent, closed, pipe_seen;

static struct libwebsocket_pollfd *
find_pollfd(int fd)
{
	int n;

	for (n = 0; n < count_pollfds; n++)
		if (pollfds[n].fd == fd)
			return &pollfds[n];
	return NULL;
}

static void
change_mode(struct libwebsocket_pollargs *pa)
{
	struct libwebsocket_pollfd *pfd = find_pollfd(pa->fd);

	if (!CHECK(pfd != NULL))
		return;
	CHECK(pa->prev_events == pfd->events);
	CHECK(pa->prev_events != pa->events);
	pfd->events = (short)pa->events;
	changes++;
}

static int
callback_http(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	struct libwebsocket_pollargs *pa = (struct libwebsocket_pollargs *)in;
	struct libwebsocket_pollfd *pfd;

	(void)context;
	(void)user;
	(void)len;
	switch (reason) {
	case LWS_CALLBACK_LOCK_POLL:
		/* lock mutex to protect pollfd state */
		locked++;
		break;

	case LWS_CALLBACK_UNLOCK_POLL:
		CHECK(locked-- > 0);
		break;

	case LWS_CALLBACK_ADD_POLL_FD:
		CHECK(locked);
		CHECK(find_pollfd(pa->fd) == NULL);
		CHECK(pa->prev_events == 0);
		pollfds[count_pollfds].fd = pa->fd;
		pollfds[count_pollfds].events = (short)pa->events;
		pollfds[count_pollfds++].revents = 0;
		wakes += wsi == NULL;
		adds++;
		break;

	case LWS_CALLBACK_DEL_POLL_FD:
		CHECK(locked);
		pfd = find_pollfd(pa->fd);
		if (CHECK(pfd != NULL))
			*pfd = pollfds[--count_pollfds];
		dels++;
		break;

	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		CHECK(locked);
		change_mode(pa);
		break;

	case LWS_CALLBACK_SET_MODE_POLL_FD:
	case LWS_CALLBACK_CLEAR_MODE_POLL_FD:
		CHECK(!"a reason that had gone");
		break;

	case LWS_CALLBACK_GET_THREAD_ID:
		return serving_thread;

	default:
		break;
	}
	return 0;
}

static int
callback_big(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     enum libwebsocket_callback_reasons reason, void *user, void *in,
	     size_t len)
{
	unsigned char *p = &big[LWS_SEND_BUFFER_PRE_PADDING];
	int m;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		libwebsocket_callback_on_writable(context, wsi);
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (big_sent++)
			break;
		memset(p, 'b', BIG_LEN);
		m = libwebsocket_write(wsi, p, BIG_LEN, LWS_WRITE_BINARY);
		if (m < BIG_LEN) {
			CHECK(!"all of it is taken");
			return -1;
		}
		break;

	case LWS_CALLBACK_CLIENT_RECEIVE:
		CHECK(len && len <= 1000);
		CHECK(((char *)in)[0] == 'b' && ((char *)in)[len - 1] == 'b');
		received += len;
		if (!libwebsockets_remaining_packet_payload(wsi) &&
		    libwebsocket_is_final_fragment(wsi))
			return -1;
		/* nothing but the last chunk is shorter */
		CHECK(len == 1000);
		break;

	case LWS_CALLBACK_CLOSED:
		closed++;
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
	{ "http-only", callback_http, 0, 0 },
	{ "big", callback_big, 4, 1000 },
	{ NULL, NULL, 0, 0 }
};

static int
poll_and_serve(struct libwebsocket_context *context, int our_fd)
{
	short revents;
	int fd, n, m;

	n = poll(pollfds, (nfds_t)count_pollfds, 50);
	if (n < 0)
		return -1;
	if (n == 0)
		return libwebsocket_service_fd(context, NULL);
	for (n = 0; n < count_pollfds; n++) {
		revents = pollfds[n].revents;
		fd = pollfds[n].fd;
		if (!revents)
			continue;
		m = libwebsocket_service_fd(context, &pollfds[n]);
		if (m < 0)
			return -1;
		/* what is not cleared is not theirs */
		if (pollfds[n].fd == our_fd && pollfds[n].revents) {
			CHECK(fd == our_fd && m == 0);
			CHECK(pollfds[n].revents == revents);
			pipe_seen++;
		} else if (pollfds[n].fd == fd)
			CHECK(pollfds[n].revents == 0);
	}
	return 0;
}

static void *
cancel_from_afar(void *context)
{
	libwebsocket_cancel_service((struct libwebsocket_context *)context);
	return NULL;
}

/* Everything is quiet; the other thread makes the poll end. */
static void
check_cancel(struct libwebsocket_context *context)
{
	pthread_t thread;
	long start;
	int n;

	while (poll(pollfds, (nfds_t)count_pollfds, 0) > 0)
		poll_and_serve(context, -1);
	if (!CHECK(!pthread_create(&thread, NULL, cancel_from_afar, context)))
		return;
	start = era_now();
	n = poll(pollfds, (nfds_t)count_pollfds, 5000);
	CHECK(n == 1);
	CHECK(era_now() - start < 4000);
	pthread_join(thread, NULL);
	for (n = 0; n < count_pollfds; n++)
		if (pollfds[n].revents)
			CHECK(!libwebsocket_service_fd(context, &pollfds[n]));
	/* it was taken notice of */
	CHECK(poll(pollfds, (nfds_t)count_pollfds, 0) == 0);
}

static void
take_from_pipe(int fd)
{
	char byte;

	CHECK(read(fd, &byte, 1) == 1 && byte == '!');
	*find_pollfd(fd) = pollfds[--count_pollfds];
}

int
main(void)
{
	struct libwebsocket_context *context;
	struct lws_context_creation_info info;
	long deadline = era_deadline();
	int ours[2], n = 0;

	/* a descriptor of ours, polled with the others */
	if (pipe(ours) || write(ours[1], "!", 1) != 1)
		return 1;
	pollfds[0].fd = ours[0];
	pollfds[0].events = POLLIN;
	count_pollfds = 1;

	memset(&info, 0, sizeof info);
	info.protocols = protocols;
	info.gid = -1;
	info.uid = -1;
	context = libwebsocket_create_context(&info);
	if (context == NULL) {
		lwsl_err("libwebsocket init failed\n");
		return 1;
	}
	/* the listener, and the one that wakes the loop */
	CHECK(adds == 2 && wakes == 1);
	CHECK(!locked);

	while (n >= 0 && !pipe_seen && era_now() < deadline)
		n = poll_and_serve(context, ours[0]);
	CHECK(pipe_seen);
	take_from_pipe(ours[0]);
	check_cancel(context);

	wsi_client = libwebsocket_client_connect(context, "127.0.0.1",
			info.port, 0, "/", "localhost", NULL, "big", -1);
	CHECK(wsi_client != NULL);
	while (n >= 0 && closed < 2 && era_now() < deadline)
		n = poll_and_serve(context, -1);

	CHECK(n >= 0);
	CHECK(received == BIG_LEN);
	CHECK(changes >= 2);
	check_cancel(context);

	libwebsocket_context_destroy(context);
	CHECK(count_pollfds == 0);
	CHECK(adds == dels);
	CHECK(!locked);
	close(ours[0]);
	close(ours[1]);
	return era_result(closed == 2, "both ends closing");
}
